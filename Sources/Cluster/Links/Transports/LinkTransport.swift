import Transport

/// A stream of bytes in both directions between a worker and its hub: TCP, TLS, or anything else that is reliable and
/// keeps the order.
///
/// ``SocketTransport`` is one over a connected socket. Implement this protocol for other streams, then connect the two
/// sides with ``Hub/connect(over:ended:)`` and ``WorkerLink/init(over:on:history:ended:)``. Each side must trust the
/// other: the link is neither encrypted nor authenticated unless the transport does that.
///
/// The hub sends a ping about once a second, and each side ends the link if it receives nothing, or if the other side
/// accepts nothing, for ten seconds. Either side also ends the link if more than 64 MiB wait to be sent or handled.
public protocol LinkTransport: Sendable {
    /// Begins to receive. Called at most once, on the loop, before ``send(_:)``. A transport that cannot start calls
    /// ``LinkReceiver/ended(_:)``.
    /// - Parameters:
    ///   - loop: the loop of this side of the link.
    ///   - receiver: gets what the other side sends, and learns which bytes were accepted.
    func start(on loop: EventLoop, _ receiver: LinkReceiver)

    /// Sends bytes after all bytes sent before. Must not block. Call ``LinkReceiver/accepted(_:)`` when the operating
    /// system has taken them, which may be within this call. Called on the loop.
    func send(_ bytes: [UInt8])

    /// Closes the stream in both directions. Called once, on the loop, also after the other side has closed it or if
    /// the loop has stopped before the start. Sent bytes may be lost, also accepted ones: a link that is closed in
    /// order has waited for the other side's answer to them.
    func close()
}
