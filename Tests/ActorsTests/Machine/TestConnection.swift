import SimulatedMachine

/// A client's end of a TCP connection on the test's machine. What it sends leaves as soon as the kernel takes it.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class TestConnection: @unchecked Sendable {
    struct Refused: Error {}

    /// Called with everything that has come.
    var received: (ArraySlice<UInt8>) -> Void = { _ in }
    /// Called when nothing more can come.
    var ended: () -> Void = {}
    var isReading = true
    /// How many bytes the kernel has taken.
    private(set) var sentCount = 0
    /// How many bytes it has been given to send.
    var queuedCount: Int { sentCount + unsent.count }
    private var end: SocketEnd?
    private var unsent: [UInt8] = []
    private var isClosing = false

    /// - Parameter buffers: bytes that the kernel keeps for the client, in each direction; nil for the machine's own choice.
    /// - Throws: ``Refused`` when nobody listens there.
    init(port: UInt16, buffers: Int? = nil) throws {
        guard let end = TestMachine.current.connect(self, to: port, buffers: buffers) else { throw Refused() }
        self.end = end
    }

    func send(_ bytes: some Sequence<UInt8>) {
        unsent += bytes
    }

    /// Ends its sending side when everything has left, and reads to the server's end.
    func close() {
        isReading = true
        isClosing = true
    }

    /// Ends the connection with a reset.
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

    /// Whether ``move()`` does something.
    var isReady: Bool {
        guard let end else { return false }
        return canRead(end) || canSend(end) || mustEnd(end)
    }

    private func canRead(_ end: SocketEnd) -> Bool {
        isReading && (end.incoming.arrivedCount > 0 || end.incoming.isAtEnd || end.incoming.hasResetArrived)
    }

    private func canSend(_ end: SocketEnd) -> Bool { !unsent.isEmpty && end.outgoing.space > 0 }

    private func mustEnd(_ end: SocketEnd) -> Bool { isClosing && unsent.isEmpty && !end.outgoing.isEnded }

    /// Sends and reads what is possible now.
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
