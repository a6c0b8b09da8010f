/// The messages of a database, for an export.
package protocol ExportedMessages {
    /// The database for people, without a password.
    var name: String { get }
    /// The number of messages at the start.
    var rowCount: Int64 { get }
    /// The highest id ever assigned.
    var assignedID: Int64 { get }
    /// The starts of servers that the database has recorded.
    var starts: [SourceStart] { get }

    /// Reads further messages in the order of ids. An empty array means the end.
    func next() throws(MaintenanceError) -> [SourceRow]

    /// Reads what is left of further deleted messages. An empty array means the end. Call it after the messages,
    /// because a server may delete some that were not read yet.
    func nextDeleted() throws(MaintenanceError) -> [SourceTombstone]

    /// The id up to which all messages are deleted; nil if none was ever deleted. Call it after the others.
    func deletedThrough() throws(MaintenanceError) -> Int64?
}
