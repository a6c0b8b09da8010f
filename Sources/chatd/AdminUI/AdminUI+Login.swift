import Actors
import ChatApplication
import Transport

/// Who may be a dashboard.
extension AdminUI {
    private static let invalid = ConnectError("invalid credentials")

    nonisolated func installLogin() {
        let namespace = server.of(Self.namespace)
        // The identity precedes the claim to an earlier session, so a returning dashboard is checked too.
        namespace.identify { handshake async throws in try await self.logIn(handshake) }
        namespace.onConnection { socket in
            let sessionID = socket.handshake.auth?["sessionId"]?.string
            let (id, who) = (socket.id, Self.who(socket))
            self.assumeIsolated { $0.welcome(id, who, sessionID) }
        }
        namespace.onDisconnect { socket, _ in
            let id = socket.id
            self.assumeIsolated { $0.dashboards[id] = nil }
        }
    }

    private func logIn(_ handshake: Handshake) async throws(ConnectError) -> ClientIdentity {
        let address = Self.group(of: handshake.address)
        if let origin = handshake.headers["Origin"] {
            guard let origin = WebOrigin(header: origin), options.origins.contains(origin) else {
                Self.log("refused a page of an origin that is not in --cors-origin, from \(address)", .warning)
                throw ConnectError("the origin of this page is not listed in --cors-origin")
            }
        }
        let auth = handshake.auth
        if let id = auth?["sessionId"]?.string, sessions.isValid(id, at: wallClock) {
            return identity
        }
        guard let name = auth?["username"]?.string, let password = auth?["password"]?.utf8String(),
            name.utf8.count <= AdminUIAccount.maxName, password.count <= PasswordHash.maxPassword
        else { throw Self.invalid }
        guard limit.begin(address, at: loop.now) else {
            throw ConnectError("too many failed logins from this address; wait a minute")
        }
        tell(.attempt(address))
        let isRight: Bool
        do throws(PasswordCheck.Busy) {
            isRight = try await passwords.isRight(name: name, password: password)
        } catch {
            succeed(address)
            throw ConnectError("other logins are being checked; try again")
        }
        guard isRight else {
            Self.log("a login from \(address) has failed", .warning)
            throw Self.invalid
        }
        succeed(address)
        return identity
    }

    /// Ends the dashboards whose addresses have been banned. The sessions of banned addresses are refused anyway.
    func disconnectBanned() async {
        guard let moderation, let bans = moderation.bans?.list else { return }
        for socket in await server.localSockets(of: Self.namespace) {
            let group = AddressGroup(ofPeer: socket.handshake.address, except: moderation.proxies)
            guard let group, bans.ban(of: [.address(group)], at: wallClock) != nil else { continue }
            await socket.disconnect(close: true)
        }
    }

    private func succeed(_ address: String) {
        limit.succeed(address)
        tell(.success(address))
    }

    private nonisolated var identity: ClientIdentity {
        ClientIdentity(id: "chatd:admin-ui:\(options.account.name)", name: options.account.name)
    }

    /// The user and the address of a dashboard, for the log.
    static func who(_ socket: Socket) -> String {
        "\(socket.identity?.name ?? "nobody") from \(group(of: socket.handshake.address))"
    }

    /// - Parameter sessionID: the one with which the dashboard has come; nil if it has come with the password.
    private func welcome(_ id: SessionID, _ who: String, _ sessionID: String?) {
        let hasSession = sessionID.map { sessions.isValid($0, at: wallClock) } ?? false
        Self.log("\(who) looks, with \(hasSession ? "a session" : "the password")")
        dashboards[id] = Dashboard()
        if !hasSession {
            send(ShownEvent("session", JSONText(string: sessions.makeID(at: wallClock))), to: id)
        }
        let features = ["AGGREGATED_EVENTS", "ALL_EVENTS"] + (options.allowsWrites ? AdminUIWrite.features : [])
        let config = JSONText(object: [
            ("supportedFeatures", JSONText(array: features.map { JSONText(string: $0) }))
        ])
        send(ShownEvent("config", config), to: id)
        loop.startTask { await self.sendList(to: id) }
        startTicks()
    }

    /// The address of a client as the limits see it: an IPv6 network of 64 bits is one.
    static func group(of address: String) -> String {
        AddressGroup(ofPeer: address, except: .none)?.description
            ?? (address.isEmpty ? "a Unix domain socket" : address)
    }

    static func log(_ text: String, _ level: LogLevel = .info) {
        Console.log("admin-ui: \(text)", level: level, kind: "admin-ui", .occurrence)
    }
}
