/// Decides when to read from an ``HTTPBodySource`` and what to send: never more bytes than were announced.
struct HTTPBodyTransfer {
    enum Step: Equatable {
        /// Send this piece; more follow.
        case send([UInt8])
        case sendLast([UInt8])
        case fail
    }

    private var missing: Int
    private var isReading = false

    init(count: Int) {
        missing = count
    }

    /// True if the next piece must be read now.
    /// - Parameters:
    ///   - waiting: the number of bytes that wait for the client.
    ///   - limit: the next piece is read if at most this many bytes wait.
    mutating func shouldRead(waiting: Int, limit: Int) -> Bool {
        guard !isReading, missing > 0, waiting <= limit else { return false }
        isReading = true
        return true
    }

    /// Handles a piece that was read.
    /// - Parameter piece: the next bytes of the body; nil if reading failed.
    mutating func read(_ piece: [UInt8]?) -> Step {
        isReading = false
        guard let piece, !piece.isEmpty, piece.count <= missing else { return .fail }
        missing -= piece.count
        return missing > 0 ? .send(piece) : .sendLast(piece)
    }
}

/// A body that is read in pieces while it is sent, at the pace of the client. It is confined to the server's loop.
public protocol HTTPBodySource: AnyObject {
    /// The size of the whole body in bytes.
    var count: Int { get }

    /// Reads the next bytes of the body. The next piece is requested when few bytes wait for the client.
    /// - Parameter completion: called once, on the loop, after this call has returned. It gets nil if the body cannot
    ///   be read as announced; the connection is then closed, because the client already knows the body's size.
    func readPiece(_ completion: @escaping ([UInt8]?) -> Void)
}

/// The body of an answer that is being sent in pieces.
struct HTTPBodyStream {
    let source: any HTTPBodySource
    var transfer: HTTPBodyTransfer
    /// True if the connection must close after the body.
    let mustClose: Bool
}
