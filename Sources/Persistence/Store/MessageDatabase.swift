/// The place where a server keeps its messages. The server opens it when it starts.
public struct MessageDatabase: Sendable {
    /// Opens the store for writing and records the epoch, the name of this start.
    public let openStore: @Sendable (_ epoch: String) throws -> any MessageStore
    /// Opens the messages for reading; nil if only the writing process can read them.
    public let openHistory: (@Sendable () throws -> any History)?

    /// Describes a database of the application's own.
    /// - Parameters:
    ///   - openStore: Opens the store for writing, and records the epoch.
    ///   - openHistory: Opens the messages for reading in another process; nil if that is impossible.
    public init(
        openStore: @escaping @Sendable (_ epoch: String) throws -> any MessageStore,
        openHistory: (@Sendable () throws -> any History)?
    ) {
        self.openStore = openStore
        self.openHistory = openHistory
    }

    /// An SQLite file, created if it is missing.
    /// - Parameters:
    ///   - path: The file; ``SQLiteStore/memoryPath`` for a database in memory, which only one process can use.
    ///   - options: The options of the store.
    public static func sqlite(
        _ path: String, options: SQLiteStore.Options = SQLiteStore.Options()
    ) -> MessageDatabase {
        let openHistory = { @Sendable () throws -> any History in
            try SQLiteReader(path: path, busyTimeout: options.busyTimeout)
        }
        return MessageDatabase(
            openStore: { epoch throws -> any MessageStore in
                try SQLiteStore(path: path, epoch: epoch, options: options)
            }, openHistory: path == SQLiteStore.memoryPath ? nil : openHistory)
    }

    /// A PostgreSQL database, which several servers may share.
    /// - Parameters:
    ///   - url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    ///   - options: The options of the store.
    public static func postgres(
        _ url: String, options: PostgresStore.Options = PostgresStore.Options()
    ) -> MessageDatabase {
        MessageDatabase(
            openStore: { epoch throws -> any MessageStore in
                try PostgresStore(url: url, epoch: epoch, options: options)
            }, openHistory: { try PostgresHistory(url: url) })
    }
}
