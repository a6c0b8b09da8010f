import Transport

/// The bytes of a link over a ``LinkTransport``. Lives on the link's loop.
final class TransportStream: LinkStream {
    /// nil after ``close()``, which breaks the reference cycle with the receiver.
    private var transport: (any LinkTransport)?
    private let loop: EventLoop
    private weak var handler: (any PipeHandler)?
    private(set) var pendingBytes = 0
    private(set) var stalledSince: ContinuousClock.Instant?
    private(set) var failure: LinkEnd?

    init(_ transport: any LinkTransport, on loop: EventLoop) {
        self.transport = transport
        self.loop = loop
    }

    var isOpen: Bool { transport != nil }

    func open(for handler: any PipeHandler) {
        self.handler = handler
        transport?.start(on: loop, LinkReceiver(self, on: loop))
    }

    func send(_ bytes: [UInt8]) {
        guard let transport, !bytes.isEmpty else { return }
        pendingBytes += bytes.count
        if stalledSince == nil { stalledSince = loop.now }
        transport.send(bytes)
    }

    /// Does nothing: the bytes may still be on their way.
    func readAvailable() {}

    func close() {
        let transport = transport
        self.transport = nil
        pendingBytes = 0
        stalledSince = nil
        transport?.close()
    }

    // MARK: The transport's reports

    func received(_ bytes: RawSpan) {
        guard isOpen else { return }
        handler?.pipeRead(bytes)
    }

    func accepted(_ count: Int) {
        guard isOpen else { return }
        precondition(count >= 0 && count <= pendingBytes, "a transport accepted more bytes than were sent")
        pendingBytes -= count
        stalledSince = pendingBytes > 0 ? loop.now : nil
        if pendingBytes == 0 { handler?.pipeAccepted() }
    }

    func ended(_ error: (any Error)?) {
        guard isOpen else { return }
        failure = error.map { $0 as? LinkEnd ?? .failed($0) }
        close()
        handler?.pipeEnded()
    }
}
