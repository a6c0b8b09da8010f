/// The reason for the end of a channel.
enum ChannelEnd: Equatable {
    /// The peer closed its side.
    case endOfFile
    /// Reading or writing failed, or the peer reset the connection.
    case failed(SystemError)
}

/// The protocol that runs on a channel.
protocol ChannelHandler: AnyObject {
    /// Handles the bytes of one read. They are valid only during the call.
    func channelRead(_ bytes: RawSpan)
    /// True if a peer that has ended its side still gets an answer. The channel then stays open until this side closes
    /// it.
    var answersAfterEnd: Bool { get }
    /// The peer has ended its side, all of its bytes have been read, and ``answersAfterEnd`` was true.
    func channelPeerEnded()
    /// The channel is closed. No call follows. Not called if this side closed it, except by ``Channel/giveUp()``.
    func channelEnded(_ end: ChannelEnd)
    /// ``Channel/pendingBytes`` was above the low-water mark and fell to or below it.
    func channelDrained()
    /// The kernel has accepted all output, after a call of ``Channel/reportWhenWritten()``.
    func channelWritten()
}

extension ChannelHandler {
    var answersAfterEnd: Bool { false }
    func channelPeerEnded() {}
    func channelWritten() {}
}
