/// Why a channel is over.
enum ChannelEnd: Equatable {
    /// The peer closed its side.
    case endOfFile
    /// Reading or writing failed, or the peer reset the connection.
    case failed(SystemError)
}

/// What lives on top of a channel.
protocol ChannelHandler: AnyObject {
    /// Bytes arrived. They are gone when the call returns.
    func channelRead(_ bytes: RawSpan)
    /// Whether a peer that has ended its side still gets an answer. If so, the channel stays open, and this side closes it.
    var answersAfterEnd: Bool { get }
    /// The peer has ended its side, all it sent has been read, and it still gets an answer.
    func channelPeerEnded()
    /// The channel is closed; nothing follows. Not called when this side closed it.
    func channelEnded(_ end: ChannelEnd)
    /// What the kernel had refused is written; ``Channel/pendingBytes`` fell to or below the low-water mark.
    func channelDrained()
}

extension ChannelHandler {
    var answersAfterEnd: Bool { false }
    func channelPeerEnded() {}
}
