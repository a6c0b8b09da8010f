import Glibc
import Transport

/// One end of a socket pair over which descriptors are passed.
final class SocketPairEnd: OpenFile {
    private struct Message {
        let bytes: [UInt8]
        /// Kept open while it is in flight.
        let file: OpenFile?
    }

    /// How many messages may wait for their receiver.
    private let capacity: Int
    private var arrived: [Message] = []
    private weak var otherEnd: SocketPairEnd?
    private var isClosed = false
    /// The other end was closed with messages that it had not taken: told once.
    private var isReset = false

    private init(capacity: Int) {
        self.capacity = capacity
    }

    static func makePair(capacity: Int) -> (SocketPairEnd, SocketPairEnd) {
        let (first, second) = (SocketPairEnd(capacity: capacity), SocketPairEnd(capacity: capacity))
        first.otherEnd = second
        second.otherEnd = first
        return (first, second)
    }

    private var hasPeer: Bool { otherEnd?.isClosed == false }

    override var readiness: EventMask {
        var events: EventMask = arrived.isEmpty ? [] : .readable
        guard hasPeer, let otherEnd else { return [.readable, .writable, .peerClosed, .failed] }
        if otherEnd.arrived.count < capacity { events.insert(.writable) }
        return events
    }

    /// Whether the end of the other side is to be told of as a reset. It is told once.
    private func takeReset() -> Bool {
        defer { isReset = false }
        return isReset
    }

    /// - Returns: why it is not taken; nil when it is.
    func send(_ bytes: [UInt8], passing file: OpenFile?) -> CInt? {
        guard !takeReset() else { return ECONNRESET }
        guard hasPeer, let otherEnd else { return EPIPE }
        guard otherEnd.arrived.count < capacity else { return EAGAIN }
        file?.retain()
        otherEnd.arrived.append(Message(bytes: bytes, file: file))
        return nil
    }

    /// Takes the oldest message. Its file is the receiver's to release.
    /// - Returns: nil when none has come; no bytes at the end.
    /// - Throws: ``SystemError`` when the other end has not taken what was sent to it.
    func receive() throws(SystemError) -> (bytes: [UInt8], file: OpenFile?)? {
        guard !takeReset() else { throw SystemError("recvmsg", code: ECONNRESET) }
        guard !arrived.isEmpty else { return hasPeer ? nil : ([], nil) }
        let message = arrived.removeFirst()
        return (message.bytes, message.file)
    }

    /// What is in flight to it is closed.
    override func lastReferenceClosed() {
        isClosed = true
        if !arrived.isEmpty { otherEnd?.isReset = true }
        let lost = arrived
        arrived = []
        for message in lost { message.file?.release() }
    }
}
