/// The changes of all rows: how many there are of each kind, and the first ids.
package struct RowChanges: Equatable, Sendable {
    /// How many ids of a kind are listed.
    package static let maxListed = 20

    /// The rows with one kind of change.
    package struct Rows: Equatable, Sendable {
        package private(set) var count: Int64 = 0
        /// The lowest ids.
        package private(set) var firstIDs: [Int64] = []

        mutating func add(_ id: Int64) {
            count += 1
            if firstIDs.count < maxListed { firstIDs.append(id) }
        }
    }

    private var rows: [RowChange: Rows] = [:]
    /// The number of keys with a hash, which have another separator in PostgreSQL. Nothing is lost by that.
    package internal(set) var derivedKeys: Int64 = 0

    /// Adds a change. The ids of one kind come in ascending order.
    mutating func add(_ change: RowChange, of id: Int64) {
        rows[change, default: Rows()].add(id)
    }

    /// The rows with this change.
    package subscript(change: RowChange) -> Rows { rows[change] ?? Rows() }
}
