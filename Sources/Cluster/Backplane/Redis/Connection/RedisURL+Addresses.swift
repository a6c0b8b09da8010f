import Transport

extension RedisURL {
    /// The addresses behind one of ``servers``: its own, or those of the master that it names if it is a Sentinel.
    ///
    /// A Sentinel that asks for a login gets that of the servers.
    func addresses(
        behind server: Server, on loop: EventLoop, isolation: isolated (any Actor)? = #isolation
    ) async throws -> [SocketAddress] {
        let addresses = try await server.addresses
        guard let sentinel else { return addresses }
        var failures: [String] = []
        for address in addresses {
            do {
                let master = try await master(from: address, named: sentinel, on: loop)
                return try await master.addresses
            } catch {
                failures.append("\(address): \(error)")
            }
        }
        throw SentinelError.failed(failures.joined(separator: "; "))
    }

    private func master(
        from address: SocketAddress, named name: String, on loop: EventLoop,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> Server {
        func ask(
            _ user: String?, _ password: String?, isolation: isolated (any Actor)? = #isolation
        ) async throws -> Server {
            let identity = RedisStateMachine.Identity(
                user: user, password: password, clientName: identity.clientName,
                protocolVersion: identity.protocolVersion)
            return try await SentinelQuestion.master(from: address, named: name, identity, on: loop)
        }
        do {
            return try await ask(nil, nil)
        } catch SentinelError.authentication where identity.password != nil {
            return try await ask(identity.user, identity.password)
        }
    }
}

extension RedisURL.Server {
    /// The addresses of the server. A name is looked up on another thread, because that may take long.
    fileprivate var addresses: [SocketAddress] {
        get async throws {
            switch self {
            case .socket(let path): return [try SocketAddress(unixPath: path)]
            case .tcp(let host, let port): return try await SocketAddress.lookUp(host: host, port: port)
            }
        }
    }
}
