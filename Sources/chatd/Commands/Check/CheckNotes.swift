import Persistence

/// What an operator should know about valid values that are rarely meant.
enum CheckNotes {
    /// A server that keeps fewer messages was hardly meant to.
    private static let fewMessages = 1000

    static func lines(about serve: ServeOptions, _ values: OptionValues) -> [String] {
        var notes = OpenDoorNote.atStart(serve)
        if case .count(let count)? = serve.store.retention, count < fewMessages {
            notes.append(
                "retention: only the newest \(count) messages are kept; for those of the last \(count) days, write "
                    + "\(count)d")
        }
        if let proxies = try? values.list("trusted-proxies"), proxies.contains(where: { $0.hasSuffix("/0") }) {
            notes.append(
                "trusted-proxies: every client is a proxy, so it can name any address, and no limit and no ban of an "
                    + "address holds; list your proxies only")
        }
        if case .postgres = serve.database {
            notes += operatorNotes(serve, values)
        }
        return notes
    }

    /// With an SQLite file, the socket and the bans are beside it.
    private static func operatorNotes(_ serve: ServeOptions, _ values: OptionValues) -> [String] {
        let hasSocket = serve.adminSocket != nil || values.text("admin-socket") == "none"
        switch (hasSocket, serve.moderation?.bans != nil) {
        case (false, false):
            return [
                "without admin-socket and bans, chatd admin cannot reach this server, and nobody can be banned; with "
                    + "PostgreSQL, name both files"
            ]
        case (false, true): return ["without admin-socket, chatd admin cannot reach this server"]
        case (true, false): return ["without bans, nobody can be banned; with PostgreSQL, name the file"]
        case (true, true): return []
        }
    }
}
