import Transport

/// A CONNECT without an answer, and the packets that arrived for its namespace in the meantime.
struct PendingConnect {
    /// The namespace; nil until a parent has allowed its name.
    var namespace: Namespace?
    let auth: JSONText?
    /// Who the client is; nil if nobody asks, or until it is known.
    var identity: ClientIdentity?
    var earlyPackets: [Packet] = []
    var earlyBytes = 0

    /// The size of the `auth` and of the packets, in bytes.
    var byteCount: Int { (auth?.utf8.count ?? 0) + earlyBytes }
}

extension Connection {
    func bufferUntilJoined(_ packet: Packet) {
        guard var pending = pendingConnects.removeValue(forKey: packet.namespace) else { return }
        pending.earlyPackets.append(packet)
        pending.earlyBytes += packet.byteCount
        hold(packet.byteCount)
        let limits = worker.loop.limits
        if pending.earlyPackets.count >= limits.earlyPackets || pending.earlyBytes > limits.earlyPacketBytes {
            pause(.connect(packet.namespace))
        }
        pendingConnects[packet.namespace] = pending
    }

    func connect(_ packet: Packet) throws(ConnectionError) {
        guard socket(in: packet.namespace) == nil, pendingConnects[packet.namespace] == nil else {
            throw .alreadyConnected(packet.namespace)
        }
        let limit = worker.options.maxNamespaces
        guard others.count + pendingConnects.count < limit, leftNamespaces.count < limit else {
            throw .tooManyNamespaces(limit: limit)
        }
        let namespace = worker.namespaces[packet.namespace]
        let parents = namespace == nil ? worker.namespaces.parents(ofName: packet.namespace) : []
        guard namespace != nil || !parents.isEmpty else {
            return refuse(packet.namespace, .invalidNamespace, because: .namespace)
        }
        guard packet.auth?.utf8.count ?? 0 <= worker.options.maxAuth else {
            leftNamespaces.insert(packet.namespace)
            return refuse(packet.namespace, ConnectError("auth is too large"), because: .authSize)
        }
        let auth = packet.auth?.detached
        if let namespace { join(namespace, auth: auth) } else { decide(packet.namespace, auth: auth, by: parents) }
    }

    /// Opens a socket in the namespace, once it is known who the client is, and after claiming the client's earlier
    /// session if it asks for that.
    /// - Parameter pending: The CONNECT, if it had to wait for a parent's decision.
    func join(_ namespace: Namespace, auth: JSONText?, after pending: PendingConnect? = nil) {
        worker.namespaces.beginUse(of: namespace)
        leftNamespaces.remove(namespace.name)
        guard let check = namespace.handlerRegistry.snapshot.table.identity else {
            return enter(namespace, as: nil, auth: auth, after: pending)
        }
        identify(in: namespace, by: check, auth: auth, after: pending)
    }

    /// Opens a socket for a client that may enter.
    func enter(_ namespace: Namespace, as identity: ClientIdentity?, auth: JSONText?, after pending: PendingConnect?) {
        guard isAdmitted(to: namespace, as: identity, auth: auth, after: pending) else { return }
        cancelConnectTimer()
        guard worker.keepsSessions, auth?["pid"] != nil || auth?["offset"] != nil else {
            guard var pending else { return open(.fresh(.unlimited), in: namespace, as: identity, auth: auth) }
            pending.identity = identity
            return open(.fresh(.unlimited), in: namespace, after: pending)
        }
        if pending == nil { hold(auth?.utf8.count ?? 0) }
        var pending = pending ?? PendingConnect(auth: auth)
        pending.namespace = namespace
        pending.identity = identity
        pendingConnects[namespace.name] = pending
        worker.assumeIsolated { $0.claim(in: namespace.name, auth: auth, by: identity, for: self) }
    }

    /// Handles the hub's answer to a claim.
    func claimed(in name: String, _ answer: ClaimAnswer) {
        guard let pending = pendingConnects.removeValue(forKey: name), !hasEnded, let namespace = pending.namespace
        else {
            // The client is gone. Unregister its session, but keep it for the next claim.
            guard case .recovered(let session) = answer else { return }
            return worker.assumeIsolated { $0.submit(.unregister(session.key, isKept: true)) }
        }
        switch answer {
        case .recovered(let session): open(.recovered(session), in: namespace, after: pending)
        case .refused(let trust): open(.fresh(trust), in: namespace, after: pending)
        }
    }

    /// Opens a socket and handles the packets that arrived before.
    private func open(_ origin: Socket.Origin, in namespace: Namespace, after pending: PendingConnect) {
        release(pending.byteCount)
        open(origin, in: namespace, as: pending.identity, auth: pending.auth)
        resume(.connect(namespace.name))
        for packet in pending.earlyPackets {
            guard !hasEnded, let socket = socket(in: namespace.name) else { return }
            deliver(packet, to: socket)
        }
    }

    private func open(
        _ origin: Socket.Origin, in namespace: Namespace, as identity: ClientIdentity?, auth: JSONText?
    ) {
        if let identity { shareRates(of: identity) }
        let socket = Socket(origin, in: namespace, of: self, handshake: handshake(auth: auth, identity))
        if session.value.publicID == nil { session.value.publicID = socket.id }
        if namespace.name == "/" { main = socket } else { others[namespace.name] = socket }
        socket.assumeIsolated { $0.startSession(origin) }
    }

    func handshake(auth: JSONText?, _ identity: ClientIdentity? = nil) -> Handshake {
        Handshake(
            request: session.value.request, address: session.value.peer, auth: auth, identity: identity,
            isLocal: session.value.isLocal, issued: worker.loop.machine.wallClock, coding: worker.options.coding)
    }

    func endUse(of namespace: Namespace) {
        worker.namespaces.endUse(of: namespace, removesEmpty: worker.options.removesEmptyNamespaces)
    }
}
