import Cluster

// docs: begin
struct Credentials: Decodable {
    var token: String
}

struct User: Codable {
    var name: String
    var isAdmin: Bool
}
// docs: end

func user(withToken token: String) async -> User? {
    token.isEmpty ? nil : User(name: token, isAdmin: false)
}

func authenticate(for server: SocketServer) {
    // docs: begin
    server.authenticate { handshake in
        let token = try handshake.auth(as: Credentials.self).token
        guard let user = await user(withToken: token) else {
            throw ConnectError("unknown token", data: ["retry": false])
        }
        return user
    }
    server.on("who am I") { socket in
        try socket.data(as: User.self).name
    }
    // docs: end
    // docs: begin
    server.use { socket in
        guard socket.handshake.query["version"] == "2" else { throw ConnectError("please update") }
        let user = try socket.data(as: User.self)
        socket.join("user \(user.name)")
    }
    // docs: end
    // docs: begin
    let admin = server.of("/admin")
    admin.authenticate { handshake in
        let token = try handshake.auth(as: Credentials.self).token
        guard let user = await user(withToken: token), user.isAdmin else { throw ConnectError("not allowed") }
        return user
    }
    admin.on("kick") { (_, name: String) in
        server.to("user \(name)").disconnectSockets()
    }
    // docs: end
}

func identify(for server: SocketServer, secret: String) {
    // docs: begin
    server.identify { handshake in
        guard let key = TokenKey(secret: Array(secret.utf8)) else { throw ConnectError("no key") }
        do throws(TokenError) {
            return try TokenVerifier(keys: [key]).identity(of: handshake.auth?["token"]?.string, at: handshake.issued)
        } catch {
            throw error.connectError
        }
    }
    server.on("who am I") { socket in socket.identity?.name }
    // docs: end
}

func identify(for server: SocketServer, asking url: String) throws {
    // docs: begin
    let site = try HTTPIdentityProvider(url: url) { failure in print("no identity:", failure) }
    server.identify { handshake async throws in
        let identity = try await site.identity(of: handshake)
        guard identity.allows("chat") else { throw ConnectError("not allowed here") }
        return identity
    }
    // docs: end
}

func keepData(of server: SocketServer) {
    // docs: begin
    server.on("promote") { socket in
        var user = try socket.data(as: User.self)
        user.isAdmin = true
        try socket.setData(encoding: user)
    }
    // docs: end
}
