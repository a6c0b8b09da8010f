import Actors
import Persistence
import Transport

/// The messages on their way into the store: one group at the disk, the next one gathering.
struct StoreQueue {
    /// A message and the socket that waits for its result.
    struct Entry {
        let session: SessionKey
        let owner: Incarnation
        let draft: MessageDraft
        /// What it took of the worker's credit.
        let cost: Int
    }

    /// How many messages a group has, so that the first of a burst is not kept waiting for the last.
    private let maxGroupCount: Int

    private var gathering: [Entry] = []
    private(set) var atDisk: [Entry] = []

    init(maxGroupCount: Int) {
        self.maxGroupCount = maxGroupCount
    }

    /// How many messages have no result yet.
    var count: Int { gathering.count + atDisk.count }

    mutating func append(_ entry: Entry) {
        gathering.append(entry)
    }

    /// Takes the next group to the disk; nil while one is there or none waits.
    mutating func nextGroup() -> [Entry]? {
        guard atDisk.isEmpty, !gathering.isEmpty else { return nil }
        atDisk = Array(gathering.prefix(maxGroupCount))
        gathering.removeFirst(atDisk.count)
        return atDisk
    }

    /// The group at the disk has its results.
    mutating func finishGroup() -> [Entry] {
        defer { atDisk = [] }
        return atDisk
    }
}
