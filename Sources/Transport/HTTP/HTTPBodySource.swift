/// A body that is read piece by piece while it is sent, at the pace of who takes it. It belongs to the server's loop.
public protocol HTTPBodySource: AnyObject {
    /// The bytes of the whole body.
    var count: Int { get }

    /// Reads the next bytes of the body. They are asked for one piece after the other, while little of what has been read
    /// waits for the client.
    /// - Parameter completion: called once, on the loop and after this call has returned. Without bytes, the body cannot be
    ///   had as it was promised; the connection is closed then, since its client has been told how much would come.
    func readPiece(_ completion: @escaping ([UInt8]?) -> Void)
}

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
