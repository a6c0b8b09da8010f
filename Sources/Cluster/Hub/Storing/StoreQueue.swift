import Actors
import Persistence
import Transport

/// The messages on their way into the store: one group that is being stored, and the next group, which gathers.
struct StoreQueue {
    /// A message and the session that waits for its result.
    struct Entry {
        let session: SessionKey
        let owner: Incarnation
        let draft: MessageDraft
        /// The credit that the message uses, in bytes.
        let cost: Int
    }

    /// The largest number of messages in a group. The limit keeps the first message of a burst from waiting for the
    /// last.
    private let maxGroupCount: Int

    private var gathering: [Entry] = []
    private(set) var committing: [Entry] = []

    init(maxGroupCount: Int) {
        self.maxGroupCount = maxGroupCount
    }

    /// The number of messages without a result.
    var count: Int { gathering.count + committing.count }

    mutating func append(_ entry: Entry) {
        gathering.append(entry)
    }

    /// Starts the next group. Returns nil while another group is being stored, or if no message waits.
    mutating func nextGroup() -> [Entry]? {
        guard committing.isEmpty, !gathering.isEmpty else { return nil }
        committing = Array(gathering.prefix(maxGroupCount))
        gathering.removeFirst(committing.count)
        return committing
    }

    /// Ends the group that is being stored and returns its messages.
    mutating func finishGroup() -> [Entry] {
        defer { committing = [] }
        return committing
    }
}
