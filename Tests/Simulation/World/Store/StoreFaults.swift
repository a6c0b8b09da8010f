import CStoreFaults
import SimulatedMachine

/// Makes the writer's connection fail, for one step, by what SQLite offers for that: hooks, and the methods of the log's file.
final class StoreFaults {
    /// How a step fails.
    private enum Fault {
        /// A statement is interrupted: SQLite ends the whole transaction by itself, or has committed it already.
        case interruption
        /// A write to the log fails with this code, a part of the commit being written.
        case write(Int32)
        /// The whole commit is written, and it is unknown whether it is on the disk.
        case sync
        /// COMMIT becomes a ROLLBACK.
        case commitRefusal
        /// COMMIT reports an error behind its success.
        case commitError
    }

    private let handle: OpaquePointer
    private let hasLog: Bool
    private let methods: UnsafeMutablePointer<storefaults_methods>
    private var fault: Fault?
    /// How many occasions pass before it happens.
    private var delay = 0
    /// How often reading fails behind it.
    private var failingReads = 0
    /// Whether it has happened.
    private(set) var hasHappened = false

    /// - Parameter hasLog: whether the database has a write-ahead log.
    init(_ handle: OpaquePointer, hasLog: Bool) {
        self.handle = handle
        self.hasLog = hasLog
        methods = .allocate(capacity: 1)
        methods.initialize(to: storefaults_methods())
        methods.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        methods.pointee.fails = { context, isSync in StoreFaults.of(context)?.logFails(isSync: isSync != 0) ?? SQLITE_OK
        }
        if hasLog { storefaults_install(handle, methods) }
    }

    /// To be freed when the connection is closed.
    deinit {
        methods.deallocate()
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> StoreFaults? {
        context.map { Unmanaged<StoreFaults>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether what has happened leaves open what has become of the group: a statement before the COMMIT may have failed as well.
    var concernsCommit: Bool {
        if case .interruption? = fault { return false }
        return hasHappened
    }

    // MARK: A step

    /// The step that follows fails, if it comes to that.
    func arm(_ choices: inout SeededChoices) {
        delay = 0
        switch choices.below(hasLog ? 10 : 6) {
        case 0..<4:
            fault = .interruption
            delay = choices.below(choices.chance(perMille: 500) ? 12 : 60)
        case 4..<6: fault = .commitRefusal
        case 6..<8:
            fault = .write(choices.element(of: [SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR]) ?? SQLITE_IOERR)
            delay = choices.below(6)
        case 8: fault = .sync
        default: fault = .commitError
        }
        if choices.chance(perMille: 400) {
            failingReads = choices.chance(perMille: 700) || !hasLog ? choices.within(1...3) : .max
        }
        install()
    }

    private func install() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(handle, 1, { StoreFaults.of($0)?.interrupts() == true ? 1 : 0 }, context)
        sqlite3_commit_hook(handle, { StoreFaults.of($0)?.refuses() == true ? 1 : 0 }, context)
        guard hasLog else { return }
        sqlite3_wal_hook(
            handle, { context, _, _, _ in StoreFaults.of(context)?.reportsError() == true ? SQLITE_IOERR : SQLITE_OK },
            context)
    }

    /// The step is over.
    func disarm() {
        fault = nil
        failingReads = 0
        hasHappened = false
        sqlite3_progress_handler(handle, 0, nil, nil)
        sqlite3_commit_hook(handle, nil, nil)
        if hasLog { sqlite3_wal_hook(handle, nil, nil) }
    }

    // MARK: What SQLite asks

    /// - Returns: whether it happens now.
    private func happens() -> Bool {
        guard !hasHappened else { return false }
        delay -= 1
        hasHappened = delay < 0
        return hasHappened
    }

    private func interrupts() -> Bool {
        if hasHappened {
            guard failingReads > 0 else { return false }
            failingReads -= 1
            return true
        }
        guard case .interruption? = fault else { return false }
        return happens()
    }

    private func refuses() -> Bool {
        guard case .commitRefusal? = fault else { return false }
        return happens()
    }

    private func reportsError() -> Bool {
        guard case .commitError? = fault else { return false }
        return happens()
    }

    private func logFails(isSync: Bool) -> Int32 {
        switch fault {
        case .write(let code)? where !isSync: happens() ? code : SQLITE_OK
        case .sync? where isSync: happens() ? SQLITE_IOERR : SQLITE_OK
        default: SQLITE_OK
        }
    }
}
