/// A limit on the bytes that wait for a peer.
///
/// A single piece may exceed the limit if the bytes queued before it do not. A peer that reads gets that piece, however
/// long it takes. Meanwhile the limit applies to the output queued after it.
struct PendingLimit {
    let bytes: Int
    /// The size in bytes of the piece that exceeds the limit; 0 if there is none.
    private var largePiece = 0

    /// - Parameter bytes: the most bytes that may wait.
    init(bytes: Int) {
        self.bytes = bytes
    }

    /// Records that a piece was queued.
    /// - Parameters:
    ///   - count: the size of the piece in bytes.
    ///   - waiting: the number of bytes that were queued before it.
    mutating func add(_ count: Int, toWaiting waiting: Int) {
        if waiting <= bytes { largePiece = count > bytes ? count : 0 }
    }

    /// True if `waiting` bytes exceed the limit.
    func isExceeded(by waiting: Int) -> Bool {
        waiting > bytes + largePiece
    }
}
