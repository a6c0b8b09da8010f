/// Which messages of a group are left out because the database is full, so that the others are stored.
///
/// SQLite ends the whole transaction when a page cannot be added, so each attempt begins anew with the messages that
/// are left. A message that does not fit excludes the later ones that are at least as large, so the number of attempts
/// depends on the number of different sizes, and it is bounded.
struct GroupFitting {
    /// The largest number of attempts that leave only some messages out.
    static let maxAttempts = 16

    /// The size of each message in bytes.
    private let sizes: [Int]
    /// The error of each message that is left out.
    private(set) var refusals: [Int: StoreError] = [:]
    /// The message whose statements run; nil at the begin and at the end of a transaction.
    var current: Int?
    private var attempts = 0
    /// How many messages the next failure at the end of a transaction leaves out.
    private var share = 1

    init(_ group: [MessageDraft]) {
        sizes = group.map { $0.content.count + ($0.clientOffset?.count ?? 0) + ($0.author?.count ?? 0) }
    }

    /// True if a message is left to store.
    var hasCandidates: Bool { refusals.count < sizes.count }

    /// Leaves messages out after an attempt has failed because the database is full.
    /// - Parameter error: their error.
    mutating func exclude(because error: StoreError) {
        attempts += 1
        let candidates = sizes.indices.filter { refusals[$0] == nil }
        let excluded: [Int]
        if attempts >= Self.maxAttempts {
            excluded = candidates
        } else if let current {
            excluded = candidates.filter { $0 == current || $0 > current && sizes[$0] >= sizes[current] }
        } else {
            // The disk is full, and it is unknown by how much.
            excluded = Array(candidates.sorted { (sizes[$0], $0) > (sizes[$1], $1) }.prefix(share))
            share *= 2
        }
        for index in excluded { refusals[index] = error }
        current = nil
    }
}
