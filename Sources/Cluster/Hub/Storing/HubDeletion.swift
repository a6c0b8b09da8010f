import Persistence

/// What an operator's deletion has done.
package struct HubDeletion: Equatable, Sendable {
    /// What the store has done.
    package var deletion: Deletion
    /// The ids of messages that clients may have received and must not show any more, in ascending order. An id above
    /// those of all published messages is not one of them: a later message may get it.
    package var gone: [Int64]
}
