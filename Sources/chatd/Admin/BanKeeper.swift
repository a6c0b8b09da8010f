import ChatApplication
import Transport

/// Changes the file of the bans, one change after the other. It works outside the loop, because it waits for the disk.
actor BanKeeper {
    /// There are as many bans as there may be.
    struct Full: Error, CustomStringConvertible {
        var description: String { "there are \(BanList.capacity) bans; end some with chatd admin unban" }
    }

    private let file: BanFile
    private let write: @Sendable (BanList) throws -> Void
    /// The last work that has begun, which the next one waits for.
    private var last: Task<Void, Never>?

    init(_ file: BanFile) {
        self.init(file) { list in try file.write(list) }
    }

    /// - Parameter write: replaces the file.
    init(_ file: BanFile, write: @escaping @Sendable (BanList) throws -> Void) {
        self.file = file
        self.write = write
    }

    /// Returns when the ban would survive a power cut.
    /// - Throws: ``Full``, ``BanFile/Unreadable``, or ``SystemError`` if the file cannot be written.
    func add(_ ban: Ban, at now: Duration) async throws {
        try await perform { [file, write] in
            var list = try file.read()
            list.removeEnded(at: now)
            guard list.add(ban) else { throw Full() }
            try write(list)
        }
    }

    /// - Returns: false if there is no such ban.
    /// - Throws: ``BanFile/Unreadable``, or ``SystemError`` if the file cannot be written.
    func remove(_ target: ModerationTarget, at now: Duration) async throws -> Bool {
        try await perform { [file, write] in
            var list = try file.read()
            list.removeEnded(at: now)
            guard list.remove(target) else { return false }
            try write(list)
            return true
        }
    }

    /// - Throws: ``BanFile/Unreadable``.
    func list(at now: Duration) async throws -> BanList {
        try await perform { [file] in
            var list = try file.read()
            list.removeEnded(at: now)
            return list
        }
    }

    /// Runs work outside the loop, after all earlier work. A task on the loop also runs an actor without an executor of
    /// its own on the loop.
    private func perform<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let task = Task(executorPreference: globalConcurrentExecutor) { [last] in
            await last?.value
            return try work()
        }
        last = Task(executorPreference: globalConcurrentExecutor) { _ = await task.result }
        return try await task.value
    }
}
