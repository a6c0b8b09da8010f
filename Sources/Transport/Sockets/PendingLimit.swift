/// How many bytes may wait for a peer.
///
/// One piece may be larger than the limit, if what waited before it is not: a peer that reads gets it, however long it takes,
/// and what comes behind it has the limit for itself.
package struct PendingLimit {
    let bytes: Int
    /// The size of the piece that is larger than the limit.
    private var largePiece = 0

    package init(bytes: Int) {
        self.bytes = bytes
    }

    /// A piece is queued.
    /// - Parameter waiting: the bytes that waited before it.
    package mutating func add(_ count: Int, toWaiting waiting: Int) {
        if waiting <= bytes { largePiece = count > bytes ? count : 0 }
    }

    /// Whether more waits than may.
    package func isExceeded(by waiting: Int) -> Bool {
        waiting > bytes + largePiece
    }
}
