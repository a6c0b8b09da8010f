/// Stored messages, read in pages. Any number of readers may call this at the same time.
public protocol History: Sendable {
    /// Reads messages with `after < id ≤ through` in a short read transaction of its own, begun during this call.
    func page(after: Int64, through: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage

    /// Reads the last messages with `0 < id < before`, in id order, in a short read transaction of its own, begun during
    /// this call. The limit cuts at the old end.
    func page(before: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage

    /// The id after which exactly the last `count` messages with `0 < id ≤ through` lie; 0 when there are not more.
    func start(ofLatest count: Int, through: Int64) async throws(StoreError) -> Int64
}
