import Actors
import Transport

/// Merges the pages of all workers into one list in the order of the connections' ids.
struct ConnectionMerge {
    private let limit: Int
    /// The connections so far.
    private(set) var connections: [JSONText] = []
    /// The number of connections of all workers.
    private(set) var total = 0
    /// The id after which the next pages begin; nil for the first ones.
    private(set) var last: SessionID?
    /// True if there are further connections below the limit.
    private(set) var needsMore = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds one page of each worker. A page that has no further id, or is malformed, ends its worker's list.
    mutating func add(_ pages: [JSONText]) {
        var entries: [(id: SessionID, value: JSONText)] = []
        var bound: SessionID?
        total = 0
        for page in pages {
            total += page["total"]?.integer ?? 0
            let own = (page["connections"]?.elements ?? []).compactMap { value in
                value["id"]?.string.flatMap { SessionID($0) }.map { (id: $0, value: value) }
            }.filter { entry in last.map { entry.id > $0 } ?? true }
            entries += own
            // Beyond the end of a page that is not the last one, its worker may have others.
            if page["more"]?.bool == true, let end = own.map(\.id).max() { bound = min(bound ?? end, end) }
        }
        let complete = entries.filter { entry in bound.map { entry.id <= $0 } ?? true }.sorted { $0.id < $1.id }
        connections += complete.prefix(limit - connections.count).map(\.value)
        last = bound
        needsMore = bound != nil && connections.count < limit
    }
}
