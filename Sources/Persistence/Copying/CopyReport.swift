/// The result of a copy.
package struct CopyReport: Sendable {
    /// The absolute path of the source.
    package let source: String
    /// The URL of the target without its password.
    package let target: String
    /// True if an earlier copy had ended, so that nothing was changed.
    package let wasFinished: Bool
    /// The number of rows, and of those that an earlier copy had stored.
    package let rowCount: Int64
    package let earlierRowCount: Int64
    /// The highest id ever assigned by the source. New messages have higher ones.
    package let assignedID: Int64
    /// The number of recorded starts of servers.
    package let startCount: Int
    /// What could not be kept, in all rows.
    package let changes: RowChanges
}
