/// One direction of a TCP connection: the bytes sent but not yet read by the receiver.
package final class ByteStream {
    /// The maximum number of bytes in flight.
    private let sendCapacity: Int
    /// The maximum number of delivered bytes that the receiver has not read.
    private let receiveCapacity: Int
    private var bytes: [UInt8] = []
    private var offset = 0
    /// The number of delivered bytes that the receiver has not read.
    package private(set) var arrivedCount = 0
    /// True after the sender has shut down its side.
    package private(set) var isEnded = false
    /// True once the end of the stream has been delivered. The receiver sees it after reading all bytes.
    private(set) var hasEndArrived = false
    /// True after the sender or the network has reset the connection.
    private(set) var isReset = false
    package private(set) var hasResetArrived = false
    /// True after the receiver has closed its end.
    private(set) var isReceiverClosed = false

    init(sendCapacity: Int, receiveCapacity: Int) {
        self.sendCapacity = sendCapacity
        self.receiveCapacity = receiveCapacity
    }

    private var count: Int { bytes.count - offset }

    var inFlightCount: Int { count - arrivedCount }

    /// The number of bytes that the sender's kernel accepts now.
    package var space: Int { isEnded || hasResetArrived ? 0 : max(0, sendCapacity - inFlightCount) }

    /// The number of bytes that the receiver has not acknowledged; the end of the stream counts as one.
    var unacknowledgedCount: Int { inFlightCount + (isEnded && !hasEndArrived ? 1 : 0) }

    // MARK: The sender

    package func append(_ added: some Sequence<UInt8>) {
        bytes.append(contentsOf: added)
    }

    package func end() {
        isEnded = true
    }

    /// Resets the connection. Bytes in flight may be lost.
    package func reset() {
        isReset = true
    }

    // MARK: The network

    /// True if bytes, the end of the stream or a reset can be delivered now.
    package var canDeliver: Bool {
        if hasResetArrived { return false }
        return isReset || inFlightCount > 0 && (isReceiverClosed || arrivedCount < receiveCapacity)
            || isEnded && !hasEndArrived && inFlightCount == 0
    }

    /// Delivers bytes in flight, the end of the stream, or a reset.
    /// - Parameter splits: whether fewer bytes than possible may be delivered.
    /// - Returns: true if the receiver has closed its end and must answer with a reset.
    func deliver(splits: Bool, _ choices: inout SeededChoices) -> Bool {
        if isReset, inFlightCount == 0 || choices.chance(perMille: 300) {
            hasResetArrived = true
            discardAll()
            return false
        }
        guard inFlightCount > 0 else {
            hasEndArrived = isEnded
            return false
        }
        if isReceiverClosed {
            discardAll()
            return true
        }
        let most = min(inFlightCount, receiveCapacity - arrivedCount)
        guard most > 0 else { return false }
        arrivedCount += !splits || choices.chance(perMille: 600) ? most : choices.within(1...most)
        return false
    }

    private func discardAll() {
        bytes = []
        offset = 0
        arrivedCount = 0
    }

    // MARK: The receiver

    /// Closes the receiver's end.
    /// - Returns: true if unread bytes were discarded.
    func closeReceiver() -> Bool {
        isReceiverClosed = true
        defer { consume(arrivedCount) }
        return arrivedCount > 0
    }

    package var isAtEnd: Bool { hasEndArrived && arrivedCount == 0 }

    /// Reads delivered bytes, oldest first.
    package func read(atMost limit: Int) -> ArraySlice<UInt8> {
        let taken = bytes[offset..<offset + min(limit, arrivedCount)]
        consume(taken.count)
        return taken
    }

    private func consume(_ taken: Int) {
        offset += taken
        arrivedCount -= taken
        if offset == bytes.count {
            discardAll()
        } else if offset > 4096, offset > bytes.count / 2 {
            bytes.removeFirst(offset)
            offset = 0
        }
    }
}
