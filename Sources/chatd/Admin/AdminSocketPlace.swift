import ChatApplication
import Cluster
import Glibc
import Transport

/// Where a server takes its operator's commands.
struct AdminSocketPlace {
    /// The socket; the error of a path that no socket can have.
    let address: Result<SocketAddress, SocketAddress.PathError>
    /// True if the operator has named it. Otherwise the server also starts without the socket.
    let isRequired: Bool
}

extension OptionValues {
    /// The place that an option names, else the one beside the database.
    /// - Returns: nil for none: the option says so, or no file is the database.
    func adminSocket(_ name: String, database: DatabaseChoice) throws(UsageError) -> AdminSocketPlace? {
        let written = optionalText(name)
        guard written != "none" else { return nil }
        guard let path = written ?? database.file.map({ $0 + ".admin" }) else { return nil }
        guard !path.hasPrefix("@") else {
            throw error(name, value: path, "is not a file, so it would be open to every user")
        }
        do throws(SocketAddress.PathError) {
            let address = try SocketAddress(unixPath: Self.absolute(path))
            return AdminSocketPlace(address: .success(address), isRequired: written != nil)
        } catch {
            if written != nil { throw self.error(name, "\(error)") }
            return AdminSocketPlace(address: .failure(error), isRequired: false)
        }
    }

    /// The file of the bans: the one that an option names, else the one beside the database.
    /// - Returns: nil if no file is the database.
    func banFile(_ name: String, database: DatabaseChoice) -> BanFile? {
        (optionalText(name) ?? database.file.map { $0 + ".bans" }).map {
            BanFile(
                Self.absolute($0), lastKnown: passedBans.map { BanList(lines: Array($0.utf8)) },
                report: LogReports.lastKnownBans)
        }
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return String(cString: directory) + "/" + path
    }
}

extension ServeOptions {
    /// The socket for the operator's commands; nil for none.
    /// - Parameter proxies: returns the trusted proxies. They may change while the server runs.
    func commandSocket(_ proxies: @escaping @Sendable () -> TrustedProxies) throws -> CommandSocket? {
        guard let adminSocket, let moderation else { return nil }
        let service = AdminService(moderation, proxies: proxies, isOnlyHost: backplane == nil)
        switch adminSocket.address {
        case .success(let address):
            return CommandSocket(
                address: address, isRequired: adminSocket.isRequired,
                silentEvents: [ModerationQuestion.event, AdminUI.event]
            ) { request, user, access in
                await service.answer(request, from: user, access)
            }
        case .failure(let error):
            LogReports.process(.commandsUnavailable(error))
            return nil
        }
    }
}
