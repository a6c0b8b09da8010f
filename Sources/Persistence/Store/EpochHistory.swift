/// The starts that a database has recorded, and how far row ids had come at each.
package struct EpochHistory: Sendable {
    package struct Start: Sendable {
        let epoch: String

        /// The highest id assigned when this start began; nil where an older version did not record it.
        let highestID: Int64?

        package init(epoch: String, highestID: Int64?) {
            self.epoch = epoch
            self.highestID = highestID
        }
    }

    private var limits: [String: Int64] = [:]

    /// - Parameter starts: in their order. The last one is that of the present.
    package init(_ starts: [Start]) {
        // What was assigned under an epoch beyond the beginning of a later one was lost with a state of the database
        // that a backup has replaced: those ids were given again. That holds for every later start, not for the next
        // alone.
        var limit = Int64.max
        for start in starts.reversed() {
            limits[start.epoch] = limit
            if let highestID = start.highestID { limit = min(limit, highestID) }
        }
    }

    /// The highest row id given under `epoch` that still means the same row; nil for an epoch that was never recorded.
    package func rowLimit(of epoch: String) -> Int64? {
        limits[epoch]
    }
}
