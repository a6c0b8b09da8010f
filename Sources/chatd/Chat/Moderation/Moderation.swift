import Actors
import Synchronization
import Transport

/// The operator's power over the clients of a server: bans, and the rooms and questions by which commands reach them.
package struct Moderation: Sendable {
    /// The room of the clients that ask for details, which get announcements and learn of deletions.
    package static let detailsRoom = "chatd:details"
    /// The event of an announcement: `{"text": …, "time": …}`, the time in milliseconds since 1970.
    package static let announcementEvent = "chat announcement"
    /// The event of deleted messages: `{"ids": […]}`.
    package static let deletionEvent = "chat deleted"
    /// The reason that a banned client gets.
    package static let bannedReason = "banned"

    /// The file of the bans; nil if the server keeps none.
    package let bans: BanFile?
    /// The addresses that are never banned, because many clients share them.
    package let proxies: TrustedProxies
    /// What the processes of this host have in common, and those of other hosts do not.
    package let host: String
    private let refused = RefusalCount()

    /// The host of the servers that this process starts. It is drawn once, so that it outlives a reload.
    private static let ownHost = String(UInt64.random(in: .min ... .max), radix: 36)

    /// - Parameter host: ``host``, as the primary process has passed it; nil in that process.
    package init(bans: BanFile?, proxies: TrustedProxies, host: String? = nil) {
        self.bans = bans
        self.proxies = proxies
        self.host = host ?? Self.ownHost
    }

    /// Refuses the sessions of banned addresses with 403.
    package func install(on options: inout EngineOptions) {
        guard let bans else { return }
        options.allowRequest { request in
            guard let group = AddressGroup(ofPeer: request.address, except: proxies) else { return }
            let now = LinuxMachine.shared.wallClock
            guard bans.list.ban(of: [.address(group)], at: now) != nil else { return }
            refused.increment()
            throw EngineRefusal("this address is banned", isCounted: false)
        }
    }

    /// Refuses banned clients, and lets commands reach the others. Comes after the authentication.
    /// - Parameter counters: returns the counters of a server as a JSON object.
    package func install(
        on server: SocketServer, counters: @escaping @Sendable (SocketServer) async -> JSONText
    ) {
        let namespace = server.of("/")
        if bans != nil {
            namespace.admit { handshake in
                guard let ban = ban(of: handshake) else { return }
                throw ban.connectError
            }
            // The server counts the clients that it did not admit under the same reason.
            server.sources.setOwnSamples { [refused] in
                var samples = MetricSamples()
                samples.add(.refusals, "ban", number: refused.value)
                return samples
            }
        }
        namespace.onConnection { socket in enter(socket) }
        ModerationQuestion.install(on: server, self, counters: counters)
    }

    private func ban(of handshake: Handshake) -> Ban? {
        bans?.list.ban(
            of: ModeratedClient(
                handshake, author: ChatIdentity.profile(of: handshake).author, except: proxies
            ).targets, at: handshake.issued)
    }

    private func enter(_ socket: isolated Socket) {
        // The ban may have come while the hub registered the socket or answered its claim.
        let targets = ModeratedClient(socket, except: proxies).targets
        if let ban = bans?.list.ban(of: targets, at: socket.handshake.issued) {
            return socket.disconnect(telling: ban.notice.json, close: true)
        }
        var rooms = Set(targets.map(\.room))
        if socket.messageProfile.form == .detailed { rooms.insert(Self.detailsRoom) }
        // A client that resumes its session may have another address than before.
        for room in socket.rooms where Self.isOwn(room) && !rooms.contains(room) { socket.leave(room) }
        for room in rooms.subtracting(socket.rooms).sorted() { socket.joinWithoutLimit(room) }
    }

    private static func isOwn(_ room: String) -> Bool {
        room == detailsRoom || room.hasPrefix("chatd:user:") || room.hasPrefix("chatd:address:")
    }
}

/// The number of sessions that this process has refused because of a ban.
private final class RefusalCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func increment() { count.add(1, ordering: .relaxed) }
}
