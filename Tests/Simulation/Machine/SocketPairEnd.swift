import Glibc
import Transport

/// One end of a socket pair for passing descriptors.
final class SocketPairEnd: OpenFile {
    private struct Message {
        let bytes: [UInt8]
        /// The passed file, which stays open while in flight.
        let file: OpenFile?
    }

    /// The maximum number of queued messages in each direction.
    private let capacity: Int
    private var arrived: [Message] = []
    private weak var otherEnd: SocketPairEnd?
    private var isClosed = false
    /// True if the other end closed with unread messages. The next call reports the reset once.
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

    /// Returns whether a reset is due, and clears it: a reset is reported once.
    private func takeReset() -> Bool {
        defer { isReset = false }
        return isReset
    }

    /// - Returns: the error number; nil on success.
    func send(_ bytes: [UInt8], passing file: OpenFile?) -> CInt? {
        guard !takeReset() else { return ECONNRESET }
        guard hasPeer, let otherEnd else { return EPIPE }
        guard otherEnd.arrived.count < capacity else { return EAGAIN }
        file?.retain()
        otherEnd.arrived.append(Message(bytes: bytes, file: file))
        return nil
    }

    /// Receives the oldest message. The caller must release its file.
    /// - Returns: nil if no message is queued; empty bytes at the end of the stream.
    /// - Throws: ``SystemError`` with `ECONNRESET` if the other end closed with unread messages.
    func receive() throws(SystemError) -> (bytes: [UInt8], file: OpenFile?)? {
        guard !takeReset() else { throw SystemError("recvmsg", code: ECONNRESET) }
        guard !arrived.isEmpty else { return hasPeer ? nil : ([], nil) }
        let message = arrived.removeFirst()
        return (message.bytes, message.file)
    }

    /// Closes the files in flight to this end.
    override func lastReferenceClosed() {
        isClosed = true
        if !arrived.isEmpty { otherEnd?.isReset = true }
        let lost = arrived
        arrived = []
        for message in lost { message.file?.release() }
    }
}
