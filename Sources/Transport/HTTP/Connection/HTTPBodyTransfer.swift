/// What is sent of an ``HTTPBodySource`` and what is to be read: never more bytes than were promised.
struct HTTPBodyTransfer {
    enum Step: Equatable {
        /// More follows.
        case send([UInt8])
        case sendLast([UInt8])
        case fail
    }

    private var missing: Int
    private var isReading = false

    init(count: Int) {
        missing = count
    }

    /// Whether the next piece is to be read now.
    /// - Parameters:
    ///   - waiting: the bytes that wait for the client.
    ///   - limit: how many may, for more to be read.
    mutating func shouldRead(waiting: Int, limit: Int) -> Bool {
        guard !isReading, missing > 0, waiting <= limit else { return false }
        isReading = true
        return true
    }

    /// A piece has been read.
    mutating func read(_ piece: [UInt8]?) -> Step {
        isReading = false
        guard let piece, !piece.isEmpty, piece.count <= missing else { return .fail }
        missing -= piece.count
        return missing > 0 ? .send(piece) : .sendLast(piece)
    }
}
