import Persistence

/// The outcome of a draft, in the short form that tests use.
enum DraftOutcome: Sendable {
    case stored(id: Int64)
    case repeated(id: Int64)

    /// The time of every commit, in milliseconds since 1970.
    static let time: Int64 = 1_700_000_000_123

    /// The outcome in the form that a store reports.
    func outcome(of draft: MessageDraft) -> StoreOutcome {
        switch self {
        case .stored(let id): .stored(StoredMessage(draft, id: id, storedAt: Self.time))
        case .repeated(let id): .repeated(id: id)
        }
    }
}
