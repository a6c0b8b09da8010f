/// Stored rows, read in pages by anyone.
public protocol MessageHistory: Sendable {
    /// Reads rows with `id < row id ≤ last` in a short read transaction of its own, begun during this call.
    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> Page

    /// Reads the last rows with `0 < row id < id`, in id order, in a short read transaction of its own, begun during
    /// this call. The limit cuts at the old end.
    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> Page

    /// The id after which exactly the last `count` rows with `0 < row id ≤ last` lie; 0 when there are not more.
    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64
}
