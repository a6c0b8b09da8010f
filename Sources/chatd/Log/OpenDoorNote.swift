import Actors
import Synchronization

/// Logs once that everybody may enter, when the first client arrives that is no program on this machine.
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
                "a client has come from \(address.isEmpty ? "a proxy" : address): everybody who can reach this server "
                    + "may read and write all messages; --auth lets only those in who have a token",
                level: .warning, kind: "everybody may enter",
                fields: [.init("address", address, isInMessage: !address.isEmpty)])
        }
    }
}
