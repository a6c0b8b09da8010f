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
            let who = Self.who(socket)
            self.assumeIsolated { $0.welcome(socket, who, sessionID) }
        }
        namespace.onDisconnect { socket, _ in
            let id = socket.id
            self.assumeIsolated { $0.dashboards[id] = nil }
        }
    }

    private func logIn(_ handshake: Handshake) async throws -> ClientIdentity {
        let address = Self.group(of: handshake.address)
        try checkOrigin(of: handshake, address)
        let auth = handshake.auth
        if let end = auth?["sessionId"]?.string.flatMap({ sessions.end(of: $0, at: wallClock) }) {
            return identity(until: end)
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
            // The dashboard tries again by itself.
            throw IdentityUnavailable(isBusy: true)
        }
        // Attempts that other workers have let begin at the same moment are known by now.
        guard isRight, limit.admits(address, at: loop.now) else {
            Self.log("a login from \(address) has failed", .warning, kind: "admin-ui login")
            throw Self.invalid
        }
        succeed(address)
        return identity(until: wallClock + AdminUISessions.lifetime)
    }

    /// Lets only listed pages in. With a GET of the server's own page, a browser sends no `Origin`, but other fields
    /// that only browsers send.
    private func checkOrigin(of handshake: Handshake, _ address: String) throws(ConnectError) {
        let isListed =
            if let origin = handshake.headers["Origin"] {
                isListed(origin)
            } else if handshake.headers["Sec-Fetch-Site"] != nil || handshake.headers["Sec-Fetch-Mode"] != nil {
                isListed((handshake.isSecure ? "https://" : "http://") + (handshake.headers["Host"] ?? ""))
            } else { true }
        guard !isListed else { return }
        Self.log(
            "refused a page of an origin that is not in --cors-origin, from \(address)", .warning,
            kind: "admin-ui origin")
        throw ConnectError("the origin of this page is not listed in --cors-origin")
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

    private nonisolated func isListed(_ origin: String) -> Bool {
        WebOrigin(header: origin).map(options.origins.contains) ?? false
    }

    private func succeed(_ address: String) {
        limit.succeed(address)
        tell(.success(address))
    }

    private nonisolated func identity(until end: Duration) -> ClientIdentity {
        ClientIdentity(id: "chatd:admin-ui:\(options.account.name)", name: options.account.name, expires: end)
    }

    /// The user and the address of a dashboard, for the log.
    static func who(_ socket: Socket) -> String {
        "\(socket.identity?.name ?? "nobody") from \(group(of: socket.handshake.address))"
    }

    /// - Parameter sessionID: the one with which the dashboard has come; nil if it has come with the password.
    private func welcome(_ socket: Socket, _ who: String, _ sessionID: String?) {
        let id = socket.id
        let hasSession = sessionID.flatMap { sessions.end(of: $0, at: wallClock) } != nil
        Self.log("\(who) looks, with \(hasSession ? "a session" : "the password")", kind: "admin-ui login")
        dashboards[id] = Dashboard(
            socket: socket, held: ShownChanges(maxCount: Self.maxHeld, maxBytes: Self.changeBytes(server)))
        if !hasSession {
            send(ShownEvent("session", JSONText(string: sessions.makeID(at: wallClock))), to: [id])
        }
        // The dashboard shows the numbers of `server_stats` with the first feature, and its pages of sockets, rooms and
        // clients only with the second one, whose list of events then has the changes.
        let features = ["AGGREGATED_EVENTS", "ALL_EVENTS"] + (options.allowsWrites ? AdminUIWrite.features : [])
        let config = JSONText(object: [
            ("supportedFeatures", JSONText(array: features.map { JSONText(string: $0) }))
        ])
        send(ShownEvent("config", config), to: [id])
        loop.startTask { await self.sendList(to: [id]) }
        startTicks()
    }

    /// The address of a client as the limits see it: an IPv6 network of 64 bits is one, and so is this machine.
    static func group(of address: String) -> String {
        AddressGroup(ofPeer: address, except: .none)?.description
            ?? (address.isEmpty ? "a Unix domain socket" : "this machine")
    }

    /// - Parameter kind: lines of each kind are limited on their own, so that refused strangers hide no acts.
    static func log(_ text: String, _ level: LogLevel = .info, kind: String, _ rate: LogLimit.Rate = .occurrence) {
        Console.log("admin-ui: \(text)", level: level, kind: kind, rate)
    }
}
