import Synchronization
import Transport

/// The link to which a ``LinkTransport`` reports. All methods may be called on any thread, but the calls must come one
/// after the other.
public final class LinkReceiver: Sendable {
    private struct Input {
        /// The number of bytes that were received and not yet handled.
        var waitingBytes = 0
        /// True after the end of the stream. Later bytes are dropped.
        var hasEnded = false
    }

    private let loop: EventLoop
    private let stream: LoopBound<TransportStream>
    private let input = Mutex(Input())

    init(_ stream: TransportStream, on loop: EventLoop) {
        self.loop = loop
        self.stream = LoopBound(stream, to: loop)
    }

    /// Passes on bytes that the other side sent. They may be cut anywhere. The link handles them later, on its loop; it
    /// ends if more than 64 MiB wait.
    public func received(_ bytes: [UInt8]) {
        let limit = loop.limits.linkQueue
        let waitingBytes: Int? = input.withLock { input in
            guard !input.hasEnded else { return nil }
            input.waitingBytes += bytes.count
            return input.waitingBytes
        }
        guard let waitingBytes else { return }
        guard waitingBytes <= limit else { return ended(LinkEnd.flooded(limit: limit)) }
        loop.execute { [self] in
            input.withLock { $0.waitingBytes -= bytes.count }
            received(bytes.span.bytes)
        }
    }

    /// Passes on bytes within the call. Called on the loop.
    func received(_ bytes: RawSpan) {
        stream.value.received(bytes)
    }

    /// Tells the link that the operating system has taken more of the bytes that it sent. While it has not taken all
    /// bytes, a worker writes nothing to its clients, so call this on the loop within ``LinkTransport/send(_:)`` if
    /// that is possible.
    /// - Parameter count: the number of bytes taken since the last call.
    /// - Precondition: the link has sent that many bytes that were not reported as taken yet.
    public func accepted(_ count: Int) {
        if loop.isOnLoop { return stream.value.accepted(count) }
        loop.execute { [self] in stream.value.accepted(count) }
    }

    /// Tells the link that the stream has ended. Bytes passed on before are still handled. Later calls have no effect.
    /// - Parameter error: the reason; nil if the other side has closed the stream.
    public func ended(_ error: (any Error)? = nil) {
        let isFirst = input.withLock { input in
            defer { input.hasEnded = true }
            return !input.hasEnded
        }
        guard isFirst else { return }
        loop.execute { [self] in stream.value.ended(error) }
    }
}
