import CStoreFaults
import SimulatedMachine

/// Injects faults into the write connection for one step, through SQLite's hooks and the file methods of its
/// write-ahead log.
final class StoreFaults {
    /// The fault of a step.
    private enum Fault {
        /// Interrupts a statement. SQLite rolls the whole transaction back, or has already committed it.
        case interruption
        /// A write to the log fails with this code after part of the commit was written.
        case write(Int32)
        /// The sync fails after the whole commit was written, so it may or may not be on the disk.
        case sync
        /// The commit hook turns COMMIT into ROLLBACK.
        case commitRefusal
        /// COMMIT succeeds and then reports an error.
        case commitError
    }

    private let handle: StoreHandle
    private let hasLog: Bool
    private let methods: UnsafeMutablePointer<storefaults_methods>
    private var fault: Fault?
    /// The number of opportunities to skip before the fault.
    private var delay = 0
    /// The number of statements that fail after the fault, such as reading back.
    private var failingReads = 0
    /// True once the fault has occurred.
    private(set) var hasHappened = false

    /// - Parameter hasLog: true if the database has a write-ahead log.
    init(_ handle: StoreHandle, hasLog: Bool) {
        self.handle = handle
        self.hasLog = hasLog
        methods = .allocate(capacity: 1)
        methods.initialize(to: storefaults_methods())
        methods.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        methods.pointee.fails = { context, isSync in StoreFaults.of(context)?.logFails(isSync: isSync != 0) ?? SQLITE_OK
        }
        if hasLog { storefaults_install(handle.pointer, methods) }
    }

    /// Release this object only after the connection is closed.
    deinit {
        methods.deallocate()
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> StoreFaults? {
        context.map { Unmanaged<StoreFaults>.fromOpaque($0).takeUnretainedValue() }
    }

    /// True if the fault may leave the outcome of the commit open. It may also have hit a statement before COMMIT.
    var concernsCommit: Bool {
        if case .interruption? = fault { return false }
        return hasHappened
    }

    // MARK: A step

    /// Chooses a fault for the next step. It occurs only if the step reaches it.
    func arm(_ choices: inout SeededChoices) {
        delay = 0
        switch choices.below(hasLog ? 10 : 6) {
        case 0..<4:
            fault = .interruption
            // A statement takes a few dozen steps of SQLite's machine, and a group has several statements.
            delay = choices.below(choices.element(of: [12, 60, 250]) ?? 60)
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
        guard handle.isOpen else { return }
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(handle.pointer, 1, { StoreFaults.of($0)?.interrupts() == true ? 1 : 0 }, context)
        sqlite3_commit_hook(handle.pointer, { StoreFaults.of($0)?.refuses() == true ? 1 : 0 }, context)
        guard hasLog else { return }
        sqlite3_wal_hook(
            handle.pointer,
            { context, _, _, _ in StoreFaults.of(context)?.reportsError() == true ? SQLITE_IOERR : SQLITE_OK },
            context)
    }

    /// Removes the fault after the step.
    func disarm() {
        fault = nil
        failingReads = 0
        hasHappened = false
        guard handle.isOpen else { return }
        sqlite3_progress_handler(handle.pointer, 0, nil, nil)
        sqlite3_commit_hook(handle.pointer, nil, nil)
        if hasLog { sqlite3_wal_hook(handle.pointer, nil, nil) }
    }

    // MARK: SQLite hooks

    /// - Returns: true if the fault occurs now.
    private func happens() -> Bool {
        guard !hasHappened else { return false }
        delay -= 1
        hasHappened = delay < 0
        return hasHappened
    }

    private func interrupts() -> Bool {
        guard !isRollingBack else { return false }
        if hasHappened {
            guard failingReads > 0 else { return false }
            failingReads -= 1
            return true
        }
        guard case .interruption? = fault else { return false }
        return happens()
    }

    /// True while ROLLBACK runs. Interrupting it would leave the transaction open, which no real fault does.
    private var isRollingBack: Bool {
        var statement = sqlite3_next_stmt(handle.pointer, nil)
        while let running = statement {
            let text = sqlite3_stmt_busy(running) != 0 ? sqlite3_sql(running).map { String(cString: $0) } : nil
            if text == "ROLLBACK" { return true }
            statement = sqlite3_next_stmt(handle.pointer, running)
        }
        return false
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
