@_spi(Collections) import Actors
import Persistence
import Transport

/// The messages on their way into the store: one group that is being stored, and the next groups, which gather.
///
/// Sessions take turns: each puts one message into a group before any of them puts a second one. So a session with
/// thousands of waiting messages delays the message of another one by the group that is being stored, and no more. The
/// messages of one session keep their order.
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
    /// The size of a group's messages in bytes. A group exceeds it only by its last message.
    private let maxGroupBytes: Int

    /// The waiting messages of each session that has any, also of its earlier owners.
    private var gathering: [SessionID: Queue<Entry>] = [:]
    /// The sessions with waiting messages, each once, in the order of their turns.
    private var turns = Queue<SessionID>()
    private var gatheredCount = 0
    private(set) var committing: [Entry] = []

    init(maxGroupCount: Int, maxGroupBytes: Int) {
        self.maxGroupCount = maxGroupCount
        self.maxGroupBytes = maxGroupBytes
    }

    /// The number of messages without a result.
    var count: Int { gatheredCount + committing.count }

    mutating func append(_ entry: Entry) {
        let session = entry.session.id
        if let index = gathering.index(forKey: session) {
            gathering.values[index].append(entry)
        } else {
            var queue = Queue<Entry>()
            queue.append(entry)
            gathering[session] = queue
            turns.append(session)
        }
        gatheredCount += 1
    }

    /// Starts the next group. Returns nil while another group is being stored, or if no message waits.
    mutating func nextGroup() -> [Entry]? {
        guard committing.isEmpty, gatheredCount > 0 else { return nil }
        committing.reserveCapacity(min(gatheredCount, maxGroupCount))
        var bytes = 0
        while committing.count < maxGroupCount, bytes < maxGroupBytes, let entry = takeNext() {
            committing.append(entry)
            bytes += entry.cost
        }
        gatheredCount -= committing.count
        return committing
    }

    /// Removes the next message of the session whose turn it is.
    private mutating func takeNext() -> Entry? {
        guard let session = turns.removeFirst(), let index = gathering.index(forKey: session) else { return nil }
        let entry = gathering.values[index].removeFirst()
        if gathering.values[index].isEmpty {
            gathering.remove(at: index)
        } else {
            turns.append(session)
        }
        return entry
    }

    /// Ends the group that is being stored and returns its messages.
    mutating func finishGroup() -> [Entry] {
        defer { committing = [] }
        return committing
    }
}
