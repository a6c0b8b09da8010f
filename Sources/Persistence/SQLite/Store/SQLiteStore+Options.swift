import Glibc

extension SQLiteStore {
    /// The options of a store. The defaults are those of the product.
    public struct Options: Sendable {
        /// When a commit counts as done.
        public enum Synchronous: String, Sendable {
            /// When it is on the disk. It survives a power failure.
            case full = "FULL"
            /// When the operating system has it. It survives the end of the process, but a power failure may lose the
            /// last groups.
            case normal = "NORMAL"
        }

        /// When a commit counts as done.
        public var synchronous = Synchronous.full

        /// How long a group waits for another writer before it fails as busy.
        public var busyTimeout = Duration.seconds(5)

        /// The limit of the foreign rows in one report.
        public var foreignLimit = PageLimit(messages: 1000, bytes: 1 << 20)

        /// How long the store tries to read its rows back after a commit with an unknown outcome.
        public var uncertainCommitPatience = Duration.seconds(30)

        /// Returns the time to record for new rows, in milliseconds since 1970.
        public var wallClock: @Sendable () -> Int64 = {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
        }

        /// The messages that are kept; nil to delete none.
        public var retention: Retention?

        /// The size in bytes that the database may reach; nil for no limit. New messages are refused then.
        public var maxSize: Int64?

        /// The threads and the clock of the store.
        package var machine: any StoreMachine = LinuxStoreMachine()

        /// Creates the default options.
        public init() {}
    }
}
