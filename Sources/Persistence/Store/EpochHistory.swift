/// The starts that a database has recorded, with the highest row id assigned before each.
package struct EpochHistory: Sendable {
    /// One recorded start of a server.
    package struct Start: Sendable {
        let epoch: String

        /// The highest id assigned before this start; nil if an older version of chatd did not record it.
        let highestID: Int64?
        /// The limit that a restore has given to the epoch; nil for none.
        let rowLimit: Int64?

        package init(epoch: String, highestID: Int64?, rowLimit: Int64? = nil) {
            self.epoch = epoch
            self.highestID = highestID
            self.rowLimit = rowLimit
        }
    }

    private var limits: [String: Int64] = [:]

    /// - Parameter starts: in order. The last one is the present start.
    package init(_ starts: [Start]) {
        // If a later start recorded a lower id than an epoch had assigned, the database was restored from a backup in
        // between, and the higher ids were lost and assigned again. Any later start may have followed such a restore,
        // so the limit is the lowest id that they recorded.
        var limit = Int64.max
        for start in starts.reversed() {
            limits[start.epoch] = min(limit, start.rowLimit ?? .max)
            if let highestID = start.highestID { limit = min(limit, highestID) }
        }
    }

    /// The highest row id of `epoch` that still identifies the same row; nil if the epoch was never recorded.
    package func rowLimit(of epoch: String) -> Int64? {
        limits[epoch]
    }
}
