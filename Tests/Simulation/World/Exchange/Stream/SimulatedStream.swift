import Actors
import Cluster

/// The stream of a broker that keeps messages, as a Redis server has it: entries in one order, of which the oldest are
/// trimmed. A message that is added again is recognized by its number.
struct SimulatedStream {
    struct Entry {
        let id: EntryID
        let message: OutgoingMessage
        let node: String
        let previous: UInt64?
    }

    private struct Name: Hashable {
        let node: String
        let number: UInt64
    }

    /// The time of the first entries, in milliseconds since 1970.
    private static let start = 1_700_000_000_000

    /// The number of entries that it keeps.
    let length: Int
    private(set) var entries: [Entry] = []
    /// The id of the last entry that was added.
    private(set) var last = EntryID(milliseconds: 0, sequence: 0)
    private var names: [Name: EntryID] = [:]
    /// Changes when the server may have lost entries.
    private(set) var run = 0
    /// True if entries were removed.
    private var hasRemoved = false
    /// How far the clock of the present server is behind that of the first one, in milliseconds.
    private var delay = 0

    init(length: Int) {
        self.length = length
    }

    /// Adds a message.
    /// - Parameter milliseconds: the time since the start of the run.
    /// - Returns: nil if it was added before.
    mutating func add(_ message: OutgoingMessage, of node: String, previous: UInt64?, at milliseconds: Int) -> Entry? {
        let name = Name(node: node, number: message.number)
        guard names[name] == nil else { return nil }
        let time = max(UInt64(Self.start + milliseconds - delay), last.milliseconds)
        last = EntryID(milliseconds: time, sequence: time == last.milliseconds ? last.sequence + 1 : 0)
        names[name] = last
        let entry = Entry(id: last, message: message, node: node, previous: previous)
        entries.append(entry)
        return entry
    }

    /// Removes the oldest entries above the length.
    mutating func trim() -> ArraySlice<Entry> {
        let removed = entries.prefix(max(0, entries.count - length))
        entries.removeFirst(removed.count)
        if !removed.isEmpty { hasRemoved = true }
        return removed
    }

    /// The server starts again, without its latest entries.
    /// - Parameter delay: how far its clock is behind, in milliseconds.
    /// - Returns: the lost entries.
    mutating func restart(losing count: Int, delay: Int) -> ArraySlice<Entry> {
        run += 1
        self.delay = delay
        let lost = entries.suffix(count)
        entries.removeLast(lost.count)
        for entry in lost { names[Name(node: entry.node, number: entry.message.number)] = nil }
        if !lost.isEmpty { last = entries.last?.id ?? EntryID(milliseconds: 0, sequence: 0) }
        return lost
    }

    /// The entries after this one, at most so many.
    func entries(after id: EntryID, count: Int) -> ArraySlice<Entry> {
        entries[firstIndex(after: id)...].prefix(count)
    }

    /// Entries of a namespace, as the script of the hosts reads them.
    /// - Parameter count: how many entries it looks at.
    /// - Returns: nil if entries after the start may be gone.
    func page(of range: HistoryRange, count: Int) -> KeptHistoryPage? {
        guard entries.first.map({ $0.id <= range.start }) ?? false || range.start == .zero && !hasRemoved else {
            return nil
        }
        let looked = entries(after: range.start, count: count).prefix { $0.id <= range.end }
        let found = looked.filter { entry in
            switch entry.message.message {
            case .event(let broadcast): broadcast.namespace == range.namespace
            case .change(let selection, _): selection.namespace == range.namespace
            default: false
            }
        }
        return KeptHistoryPage(
            messages: found.map { ($0.id, $0.message.message) },
            next: looked.count < count ? nil : looked.last?.id ?? range.start)
    }

    /// True if every entry after this one that was ever added is still there.
    func hasEverything(after id: EntryID) -> Bool { entries.first.map { $0.id <= id } ?? false }

    private func firstIndex(after id: EntryID) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The latest entry of a host; nil if it has none, or an older one than the stream keeps.
    func lastEntry(of node: String) -> EntryID? { entries.last { $0.node == node }?.id }
}
