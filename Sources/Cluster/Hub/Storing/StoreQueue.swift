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

    /// The largest number of messages in a group. It keeps the first message of a burst from waiting for the last.
    private let maxGroupCount: Int

    private var gathering: [Entry] = []
    private(set) var atDisk: [Entry] = []

    init(maxGroupCount: Int) {
        self.maxGroupCount = maxGroupCount
    }

    /// The number of messages without a result.
    var count: Int { gathering.count + atDisk.count }

    mutating func append(_ entry: Entry) {
        gathering.append(entry)
    }

    /// Starts the next group. Returns nil while another group is being stored, or if no message waits.
    mutating func nextGroup() -> [Entry]? {
        guard atDisk.isEmpty, !gathering.isEmpty else { return nil }
        atDisk = Array(gathering.prefix(maxGroupCount))
        gathering.removeFirst(atDisk.count)
        return atDisk
    }

    /// Ends the group that is being stored and returns its messages.
    mutating func finishGroup() -> [Entry] {
        defer { atDisk = [] }
        return atDisk
    }
}
