import ChatApplication

extension ServeOptions {
    /// Reads the bans, so that the process knows them before the first client.
    /// - Returns: what the operator should know about the file.
    /// - Throws: ``BanFile/Unreadable``. A server that does not know the bans must not start, because it would lift
    ///   all.
    func readBans() throws(BanFile.Unreadable) -> [String] {
        guard let bans = moderation?.bans else { return [] }
        return try bans.read().warnings(about: bans.path)
    }
}

extension BanList {
    /// The most lines that warnings name.
    private static let namedLines = 5

    /// What an operator should know about a file with these bans.
    func warnings(about path: String) -> [String] {
        let named = malformedLines.prefix(Self.namedLines).map {
            "\(path), line \($0.number): this is no ban, so it bans nobody; correct it or remove it"
        }
        let rest = malformedLines.count - named.count
        return named + (rest > 0 ? ["\(path): \(rest) more lines are no bans"] : [])
    }
}

extension LogReports {
    /// The file of the bans cannot be read.
    static func lastKnownBans(_ unreadable: BanFile.Unreadable) {
        Console.log(
            "\(unreadable); those that this process knows are in force", level: .warning, kind: "bans", .repeated)
    }
}
