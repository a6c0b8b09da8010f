/// What a call of ``MessageStore/delete(_:)`` has done.
public struct Deletion: Sendable, Equatable {
    /// The ids of the messages that this call has deleted, in ascending order.
    public var deleted: [Int64]
    /// The ids without a message, in ascending order: they were deleted before, or were never assigned to one.
    public var absent: [Int64]

    /// Creates a result. The properties explain the parameters.
    public init(deleted: [Int64] = [], absent: [Int64] = []) {
        self.deleted = deleted
        self.absent = absent
    }
}
