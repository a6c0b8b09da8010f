import Glibc

extension SQLiteStore {
    /// How a store works; the defaults are those of the product.
    public struct Options: Sendable {
        /// When a commit counts as done.
        public enum Synchronous: String, Sendable {
            /// On the disk: survives the loss of power.
            case full = "FULL"
            /// In the system's hands: survives the end of the process, but a power failure may take the last groups.
            case normal = "NORMAL"
        }

        /// When a commit counts as done.
        public var synchronous = Synchronous.full

        /// How long a group waits for another program that writes before it fails as busy.
        public var busyTimeout = Duration.seconds(5)

        /// How many foreign rows one report may carry.
        public var foreignLimit = PageLimit(messages: 1000, bytes: 1 << 20)

        /// How long rows are looked for after a commit whose outcome is unknown.
        public var uncertainCommitPatience = Duration.seconds(30)

        /// Milliseconds since 1970, for the rows stored now.
        public var wallClock: @Sendable () -> Int64 = {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
        }

        /// What runs the store, and how it waits.
        package var machine: any StoreMachine = LinuxStoreMachine()

        public init() {}
    }
}
