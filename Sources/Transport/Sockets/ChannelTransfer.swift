/// A range of the bytes sent on a channel, used to ask how many of them have arrived.
struct ChannelTransfer {
    private weak var channel: Channel?
    private let range: Range<Int>

    /// - Parameters:
    ///   - channel: the channel that sends the bytes.
    ///   - start: the value of ``Channel/queuedBytes`` before the first of these bytes. The range ends with the last
    ///     byte queued now.
    init(on channel: Channel, from start: Int) {
        self.channel = channel
        range = start..<max(start, channel.queuedBytes)
    }

    /// The number of bytes in the range that the peer's TCP has acknowledged. A system call.
    var acknowledgedBytes: Int {
        guard let channel else { return range.count }
        return min(max(channel.acknowledgedBytes - range.lowerBound, 0), range.count)
    }

    /// True if some bytes have not arrived and still can.
    var isUnfinished: Bool {
        guard let channel, channel.isOpen else { return false }
        return channel.acknowledgedBytes < range.upperBound
    }

    /// Resets the connection if some bytes have not arrived.
    func giveUp() {
        if isUnfinished { channel?.giveUp() }
    }
}
