/// Some of the bytes that a channel sends, to ask how many of them have arrived.
struct ChannelTransfer {
    private weak var channel: Channel?
    private let range: Range<Int>

    /// - Parameter start: how many bytes had been queued in the channel before the first of these; they end with what is
    ///   queued now.
    init(on channel: Channel, from start: Int) {
        self.channel = channel
        range = start..<max(start, channel.queuedBytes)
    }

    /// How many of the bytes the peer's TCP has acknowledged. A system call.
    var acknowledgedBytes: Int {
        guard let channel else { return range.count }
        return min(max(channel.acknowledgedBytes - range.lowerBound, 0), range.count)
    }

    /// Whether some have not arrived, and may yet.
    var isUnfinished: Bool {
        guard let channel, channel.isOpen else { return false }
        return channel.acknowledgedBytes < range.upperBound
    }

    /// Ends the connection if some have not arrived.
    func giveUp() {
        if isUnfinished { channel?.giveUp() }
    }
}
