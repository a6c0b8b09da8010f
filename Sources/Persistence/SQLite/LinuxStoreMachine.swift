import Glibc

/// A thread for each connection, and the system's clock.
struct LinuxStoreMachine: StoreMachine {
    func makeExecutor(of connection: OpaquePointer, path: String) throws(StoreError) -> any StoreExecutor {
        try StoreThread(path: path)
    }

    var now: ContinuousClock.Instant { .now }

    func pause(for time: Duration) {
        usleep(useconds_t(clamping: Int(time / .microseconds(1))))
    }
}
