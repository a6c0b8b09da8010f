import Actors
import Persistence
import Synchronization
import Transport

/// Logs that everybody may enter: when a server starts that other machines can reach, and once in each worker when the
/// first client arrives that is no program on this machine.
enum OpenDoorNote {
    static func install(on server: SocketServer) {
        let note = Note()
        server.onConnection { socket in
            let handshake = socket.handshake
            guard !handshake.isLocal else { return }
            note.log(handshake.address)
        }
    }

    /// The note and whether it was logged.
    private final class Note: Sendable {
        private let isLogged = Atomic<Bool>(false)

        func log(_ address: String) {
            guard !isLogged.exchange(true, ordering: .relaxed) else { return }
            Console.log(
                "a client has come \(OpenDoorNote.way(from: address)): everybody who can reach this server may read "
                    + "and write all messages; --auth lets only those in who have a token",
                level: .warning, kind: "everybody may enter", fields: [.init("address", address, isInMessage: true)])
        }
    }

    /// What an operator should know when the server starts: everybody may enter it, and nothing bounds the disk.
    static func atStart(_ options: ServeOptions) -> [String] {
        guard case .none = options.authentication, let host = options.host, !isLoopback(host) else { return [] }
        var notes = [
            "everybody who can reach \(host) may read and write all messages; --auth lets only those in who have a "
                + "token"
        ]
        if case .sqlite(let path) = options.database, path != SQLiteStore.memoryPath, options.store.maxSize == nil {
            notes.append("without --max-db-size, the database may grow until the disk is full")
        }
        return notes
    }

    /// True if only programs on this machine can reach the host, or if the host does not exist.
    private static func isLoopback(_ host: String) -> Bool {
        guard let addresses = try? SocketAddress.resolve(host: host, port: 0) else { return true }
        return addresses.allSatisfy(\.isLoopback)
    }

    /// How a client that is no program on this machine has come. A proxy that is not trusted hides the client's address
    /// behind its own.
    /// - Parameter address: the address of the client, or of the proxy.
    static func way(from address: String) -> String {
        if address == "unknown" { return "through a proxy that does not name its address" }
        let isHere = address.isEmpty || address == "::1" || address.hasPrefix("127.")
        return isHere ? "through a proxy on this machine" : "from \(address), which is its address or that of a proxy"
    }
}
