import SimulatedMachine

/// The actions of clients.
extension World {
    private static let host = "localhost:3000"
    private static let rooms = ["red", "green", "blue"]
    /// The rooms of ``rooms``, and rooms that sockets join and leave only in operations on several sockets.
    private static let allRooms = rooms + ["north", "south"]

    func clientStep() {
        if let roamingClient, roamingClient.isConnected, hosts.count == 1 || mayEndConnection(roamingClient),
            kernel.choices.chance(perMille: 700)
        {
            return changeNetwork(of: roamingClient)
        }
        let offline = kernel.choices.chance(perMille: 300) ? clients.filter { $0.transport == nil } : []
        guard let client = kernel.choices.element(of: offline.isEmpty ? clients : offline) else { return }
        client.checkDeadlines()
        guard client.transport != nil else {
            // A user can also write while offline.
            if kernel.choices.chance(perMille: 300) { sendMessages(from: client) }
            return connect(client)
        }
        switch kernel.choices.below(100) {
        case 0..<35: sendMessages(from: client)
        case 35..<80: sendRequests(from: client)
        case 80..<86: relay(client)
        case 86..<89: changeNamespace(client)
        case 89..<91: letSettle()
        case 91..<94: disconnect(client)
        case 94..<96: stopReading(client)
        default: dropTransport(of: client)
        }
    }

    func connect(_ client: SimulatedClient) {
        let host = nextHost(of: client)
        guard let port = kernel.choices.element(of: ports(of: host)),
            let transport = makeTransport(to: port, of: client)
        else { return }
        record.trace("client \(client.number) connects to port \(port)")
        client.connect(to: host, by: transport, number: nextNumber())
        if !settings.isFaultFree, !isSettling, kernel.choices.chance(perMille: 80) { client.readRate = .slow }
    }

    /// The host to which a client connects. Some clients move to another one.
    private func nextHost(of client: SimulatedClient) -> Host {
        guard hosts.count > 1 else { return hosts[0] }
        let canReturn = client.host?.primary.map { !$0.neglectsPipes } ?? false
        let isBack = canReturn && kernel.choices.chance(perMille: 600)
        let host = isBack ? client.host ?? anyHost() : anyHost()
        if let last = client.host, last !== host { record.note(.clientMoved) }
        return host
    }

    private func makeTransport(to port: UInt16, of client: SimulatedClient) -> (any ClientTransport)? {
        // Clients of one address share its rates.
        let address = settings.server.addressLimits == .none ? "127.0.0.\(client.number + 2)" : "192.0.2.1"
        let connect = { [kernel] in kernel.connect(to: port, from: address) }
        guard kernel.isListening(port) else { return nil }
        guard kernel.choices.chance(perMille: 500) else {
            let prefersText = kernel.choices.chance(perMille: 200)
            return connect().map { WebSocketTransport($0, host: Self.host, prefersText: prefersText) }
        }
        let polling = PollingTransport(
            kernel: kernel, record: record, maxPackets: settings.limits.answerPackets, connect: connect)
        guard kernel.choices.chance(perMille: 600) else { return polling }
        return UpgradingTransport(
            polling, upgradeTimeout: settings.server.engine.upgradeTimeout, kernel: kernel, record: record
        ) { sid in
            connect().map { WebSocketTransport($0, host: Self.host, sid: sid) }
        }
    }

    /// Takes no client actions for a while, so that the system becomes idle.
    private func letSettle() {
        for _ in 0..<3 { settlingRound() }
    }

    /// Simulates a network change: the client reconnects before the server detects that the old connection is dead.
    private func changeNetwork(of client: SimulatedClient) {
        record.trace("client \(client.number) changes networks")
        record.note(.networkChanged)
        client.closeTransport(.silent)
        connect(client)
    }

    private func sendMessages(from client: SimulatedClient) {
        let isUnique = kernel.choices.chance(perMille: 900)
        let content = isUnique ? "text \(nextNumber())" : "hello"
        for _ in 0..<(client.kind == .pipelining ? kernel.choices.within(1...3) : 1) {
            client.messages.add(isUnique ? "\(content) \(nextNumber())" : content, isUnique: isUnique)
        }
        record.trace("client \(client.number) sends \(content)")
    }

    private func sendRequests(from client: SimulatedClient) {
        guard let socket = anySocket(of: client) else { return }
        let isAsync = kernel.choices.chance(perMille: 250)
        var requests: [ClientRequest] = []
        for _ in 0..<kernel.choices.within(1...4) { requests.append(request(of: client, isAsync: isAsync)) }
        if requests.count > 2 { record.note(.manyRequestsInOneEvent) }
        record.trace("client \(client.number) requests in \(socket.namespace): \(requests)")
        socket.sendRequests(requests, isAsync: isAsync)
    }

    /// A random namespace in which the client can send requests.
    private func anySocket(of client: SimulatedClient) -> ClientSocket? {
        kernel.choices.element(
            of: client.sockets.filter { client.sendsEarly ? $0.phase != .disconnected : $0.isConnected })
    }

    private func request(of client: SimulatedClient, isAsync: Bool) -> ClientRequest {
        if isAsync, kernel.choices.chance(perMille: 500) { return asyncRequest(of: client) }
        if kernel.choices.chance(perMille: 100) { return change() }
        let room = Self.rooms[kernel.choices.below(Self.rooms.count)]
        switch kernel.choices.below(20) {
        case 0..<4: return .join(room)
        case 4..<6: return .leave(room)
        case 6..<12:
            return .broadcast(
                nextNumber(), rooms: audience(), isVolatile: kernel.choices.chance(perMille: 150), tail: tail())
        case 12..<15: return .direct(nextNumber())
        case 15: return question(isAsync: isAsync)
        case 16: return .remember(nextNumber())
        case 17: return .local
        case 18: return .broadcastLocally
        default: return kernel.choices.chance(perMille: settings.disconnectRate) ? .disconnect : .local
        }
    }

    private func asyncRequest(of client: SimulatedClient) -> ClientRequest {
        switch kernel.choices.below(4) {
        case 0: return .pause(kernel.choices.within(1...100))
        case 3: return .fetch(nextNumber(), operands(), timeout: kernel.choices.within(1...1000))
        case 1: return question(isAsync: true)
        default:
            let before =
                kernel.choices.chance(perMille: 700) ? kernel.choices.element(of: client.rows.receivedIDs) : nil
            return .history(before: Int(before ?? 0), count: kernel.choices.within(1...5))
        }
    }

    /// A question to the sender, to several clients or to the other servers.
    private func question(isAsync: Bool) -> ClientRequest {
        let timeout = kernel.choices.within(1...1000)
        // An asynchronous handler waits, and the socket's next events with it.
        let longTimeout = !isAsync && kernel.choices.chance(perMille: 300) ? 12_000 : timeout
        switch kernel.choices.below(6) {
        case 0: return .serverInquiry(nextNumber(), timeout: longTimeout)
        case 1..<4:
            let audiences = ClientRequest.Audience.allCases
            let audience = kernel.choices.chance(perMille: 700) ? .all : kernel.choices.element(of: audiences)
            return .inquiry(nextNumber(), operands(), audience ?? .all, timeout: longTimeout)
        default: return .question(nextNumber(), timeout: timeout)
        }
    }

    /// A change of several sockets. Most changes use the rooms that no socket joins by itself, so that the checks of
    /// a socket's own joins and leaves stay useful.
    private func change() -> ClientRequest {
        if kernel.choices.chance(perMille: settings.disconnectRate / 5) {
            // In a fault-free run, only clients end their connections.
            let close = !settings.isFaultFree && kernel.choices.chance(perMille: 300)
            return .change(nextNumber(), .disconnect(close: close), operands())
        }
        let first = kernel.choices.chance(perMille: 300) ? 0 : Self.rooms.count
        var rooms: [String] = []
        for _ in 0..<kernel.choices.within(1...2) {
            rooms.append(Self.allRooms[kernel.choices.within(first...(Self.allRooms.count - 1))])
        }
        return .change(nextNumber(), kernel.choices.chance(perMille: 600) ? .join(rooms) : .leave(rooms), operands())
    }

    private func operands() -> ClientRequest.Operands {
        ClientRequest.Operands(rooms: audience(), isByServer: kernel.choices.chance(perMille: 400))
    }

    /// Sends binary data for the server to broadcast.
    private func relay(_ client: SimulatedClient) {
        guard let socket = anySocket(of: client) else { return }
        var number = nextNumber()
        while Blob.all(of: number).isEmpty { number = nextNumber() }
        record.note(.relayed)
        record.trace("client \(client.number) relays \(number) in \(socket.namespace)")
        socket.relay(number, to: audience())
    }

    private func tail() -> Int {
        kernel.choices.chance(perMille: 700) ? 0 : kernel.choices.within(1...200)
    }

    /// A random list of rooms, possibly empty or with a socket's own room.
    private func audience() -> [String] {
        var rooms: [String] = []
        for _ in 0..<kernel.choices.below(3) { rooms.append(Self.allRooms[kernel.choices.below(Self.allRooms.count)]) }
        if kernel.choices.chance(perMille: 150), let id = kernel.choices.element(of: clients)?.main.id {
            rooms.append(id.description)
        }
        return rooms
    }

    // MARK: Leaving

    /// Leaves the second namespace, or joins it.
    private func changeNamespace(_ client: SimulatedClient) {
        guard let socket = client.secondSocket else { return }
        switch socket.phase {
        case .disconnected:
            record.note(.namespaceJoined)
            client.joinSecondNamespace()
        case .connecting: break
        case .connected:
            record.note(.namespaceLeft)
            record.trace("client \(client.number) leaves \(socket.namespace)")
            socket.disconnect()
        }
    }

    /// Stops reading, for a while or for good.
    private func stopReading(_ client: SimulatedClient) {
        guard !settings.isFaultFree else { return }
        record.note(.readingStopped)
        record.trace("client \(client.number) stops reading")
        client.readRate = .paused(
            until: kernel.choices.chance(perMille: 700) ? milliseconds + kernel.choices.below(6000) : nil)
    }

    private func disconnect(_ client: SimulatedClient) {
        guard client.isConnected, mayEndConnection(client) else { return }
        record.trace("client \(client.number) disconnects")
        record.note(.disconnectedByClient)
        client.sendDisconnect()
    }

    func dropTransport(of client: SimulatedClient) {
        guard client.transport != nil, mayEndConnection(client),
            let end = kernel.choices.element(of: TransportEnd.allCases)
        else { return }
        record.trace("client \(client.number) ends its transport: \(end)")
        record.note(end == .silent ? .transportPartitioned : .closedByClient)
        client.closeTransport(end)
    }

    /// False in a fault-free run if a namespace is not connected yet: its claim in flight could take the session from
    /// the client's next connection.
    private func mayEndConnection(_ client: SimulatedClient) -> Bool {
        !settings.isFaultFree || client.isConnected && !client.sockets.contains { $0.phase == .connecting }
    }
}
