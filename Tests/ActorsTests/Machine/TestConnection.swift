import SimulatedMachine

/// A client's end of a TCP connection on the test's machine. It sends queued bytes as soon as the kernel accepts them.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class TestConnection: @unchecked Sendable {
    struct Refused: Error {}

    /// Called with received bytes.
    var received: (ArraySlice<UInt8>) -> Void = { _ in }
    /// Called when the connection has ended.
    var ended: () -> Void = {}
    var isReading = true
    /// The number of bytes that the kernel has accepted.
    private(set) var sentCount = 0
    /// The number of bytes passed to ``send(_:)``.
    var queuedCount: Int { sentCount + unsent.count }
    private var end: SocketEnd?
    private var unsent: [UInt8] = []
    private var isClosing = false

    /// - Parameters:
    ///   - address: the client's address.
    ///   - buffers: the kernel's buffer size for the client in each direction, in bytes; nil for the machine's
    ///     default.
    /// - Throws: ``Refused`` if no process listens on the port.
    init(port: UInt16, from address: String = "127.0.0.1", buffers: Int? = nil) throws {
        guard let end = TestMachine.current.connect(self, to: port, from: address, buffers: buffers) else {
            throw Refused()
        }
        self.end = end
    }

    func send(_ bytes: some Sequence<UInt8>) {
        unsent += bytes
    }

    /// Shuts down sending after all queued bytes, and reads to the end of the stream.
    func close() {
        isReading = true
        isClosing = true
    }

    /// Resets the connection.
    func reset() {
        end?.reset()
        finish()
    }

    private func finish() {
        guard end != nil else { return }
        end?.close()
        end = nil
        ended()
    }

    // MARK: For the machine

    /// True if ``move()`` would do something.
    var isReady: Bool {
        guard let end else { return false }
        return canRead(end) || canSend(end) || mustEnd(end)
    }

    private func canRead(_ end: SocketEnd) -> Bool {
        isReading && (end.incoming.arrivedCount > 0 || end.incoming.isAtEnd || end.incoming.hasResetArrived)
    }

    private func canSend(_ end: SocketEnd) -> Bool { !unsent.isEmpty && end.outgoing.space > 0 }

    private func mustEnd(_ end: SocketEnd) -> Bool { isClosing && unsent.isEmpty && !end.outgoing.isEnded }

    /// Sends and reads as much as possible now.
    func move() {
        guard let end else { return }
        if canSend(end) {
            let count = min(unsent.count, end.outgoing.space)
            end.outgoing.append(unsent.prefix(count))
            unsent.removeFirst(count)
            sentCount += count
        }
        if mustEnd(end) { end.outgoing.end() }
        guard canRead(end) else { return }
        let bytes = end.incoming.read(atMost: .max)
        if !bytes.isEmpty { received(bytes) }
        if end.incoming.isAtEnd || end.incoming.hasResetArrived { finish() }
    }
}
