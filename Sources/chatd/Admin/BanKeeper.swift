import ChatApplication
import Transport

/// Changes the file of the bans, one change after the other. It runs outside the loop, because it waits for the disk.
actor BanKeeper {
    /// There are as many bans as there may be.
    struct Full: Error, CustomStringConvertible {
        var description: String { "there are \(BanList.capacity) bans; end some with chatd admin unban" }
    }

    private let file: BanFile

    init(_ file: BanFile) {
        self.file = file
    }

    /// - Throws: ``Full``, or ``SystemError`` if the file cannot be written.
    func add(_ ban: Ban, at now: Duration) throws {
        var list = file.list
        list.removeEnded(at: now)
        guard list.add(ban) else { throw Full() }
        try file.write(list)
    }

    /// - Returns: false if there is no such ban.
    /// - Throws: ``SystemError`` if the file cannot be written.
    func remove(_ target: ModerationTarget, at now: Duration) throws -> Bool {
        var list = file.list
        list.removeEnded(at: now)
        guard list.remove(target) else { return false }
        try file.write(list)
        return true
    }

    func list(at now: Duration) -> BanList {
        var list = file.list
        list.removeEnded(at: now)
        return list
    }
}
