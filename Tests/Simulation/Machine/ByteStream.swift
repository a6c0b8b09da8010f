/// One direction of a connection: what the sender's kernel has taken and the receiver has not read.
package final class ByteStream {
    /// How many bytes the sender's kernel holds that have not arrived.
    private let sendCapacity: Int
    /// How many bytes the receiver's kernel holds that have not been read.
    private let receiveCapacity: Int
    private var bytes: [UInt8] = []
    private var offset = 0
    /// How many of the bytes have arrived and were not read.
    package private(set) var arrivedCount = 0
    /// The sender has ended its side.
    package private(set) var isEnded = false
    /// The receiver can know of that, once it has read everything.
    private(set) var hasEndArrived = false
    /// The sender, or the network, has ended the connection at once.
    private(set) var isReset = false
    package private(set) var hasResetArrived = false
    /// Nobody reads what arrives.
    private(set) var isReceiverClosed = false

    init(sendCapacity: Int, receiveCapacity: Int) {
        self.sendCapacity = sendCapacity
        self.receiveCapacity = receiveCapacity
    }

    private var count: Int { bytes.count - offset }

    /// How many bytes are on their way.
    var inFlightCount: Int { count - arrivedCount }

    /// How many bytes the sender's kernel takes.
    package var space: Int { isEnded || hasResetArrived ? 0 : max(0, sendCapacity - inFlightCount) }

    /// What the sender's kernel has not seen acknowledged; the end counts as a byte.
    var unacknowledgedCount: Int { inFlightCount + (isEnded && !hasEndArrived ? 1 : 0) }

    // MARK: The sender

    package func append(_ added: some Sequence<UInt8>) {
        bytes.append(contentsOf: added)
    }

    package func end() {
        isEnded = true
    }

    /// Ends the connection at once: what is on its way may be lost.
    package func reset() {
        isReset = true
    }

    // MARK: The network

    /// Whether something is on its way and can arrive now.
    package var canDeliver: Bool {
        if hasResetArrived { return false }
        return isReset || inFlightCount > 0 && (isReceiverClosed || arrivedCount < receiveCapacity)
            || isEnded && !hasEndArrived && inFlightCount == 0
    }

    /// Brings some of what is on its way to the receiver, or the end.
    /// - Parameter splits: whether it may be less than what there is room for.
    /// - Returns: whether a receiver that has gone refuses what came.
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

    /// The receiver reads no more.
    /// - Returns: whether it leaves bytes unread.
    func closeReceiver() -> Bool {
        isReceiverClosed = true
        defer { consume(arrivedCount) }
        return arrivedCount > 0
    }

    package var isAtEnd: Bool { hasEndArrived && arrivedCount == 0 }

    /// Takes the first bytes that have arrived.
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
