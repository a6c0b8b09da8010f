import SimulatedMachine

/// What clients do.
extension World {
    private static let host = "localhost:3000"
    private static let rooms = ["red", "green", "blue"]

    func clientStep() {
        if let restless, restless.isConnected, kernel.choices.chance(700) { return takeOver(restless) }
        let offline = kernel.choices.chance(300) ? clients.filter { $0.transport == nil } : []
        guard let client = kernel.choices.element(of: offline.isEmpty ? clients : offline) else { return }
        client.checkDeadline()
        guard client.transport != nil else {
            // Also while it is offline, somebody writes.
            if kernel.choices.chance(300) { say(client) }
            return connect(client)
        }
        switch kernel.choices.below(100) {
        case 0..<35: say(client)
        case 35..<90: ask(client)
        case 90..<92: settleDown()
        case 92..<95: leave(client)
        default: lose(client)
        }
    }

    func connect(_ client: SimulatedClient) {
        guard let port = kernel.choices.element(of: ports),
            let transport = makeTransport(to: port, of: client)
        else { return }
        record.trace("client \(client.number) connects to \(port)")
        client.connect(by: transport, number: nextNumber(), epoch: epoch)
    }

    private func makeTransport(to port: UInt16, of client: SimulatedClient) -> (any ClientTransport)? {
        let connect = { [kernel] in kernel.connect(to: port, from: "127.0.0.\(client.number + 2)") }
        guard kernel.isListening(port) else { return nil }
        guard kernel.choices.chance(500) else { return connect().map { WebSocketTransport($0, host: Self.host) } }
        let polling = PollingTransport(kernel: kernel, record: record, connect: connect)
        guard kernel.choices.chance(600) else { return polling }
        return UpgradingTransport(polling, kernel: kernel, record: record) { sid in
            connect().map { WebSocketTransport($0, host: Self.host, sid: sid) }
        }
    }

    /// Nothing is done for a while: everything comes to rest.
    private func settleDown() {
        for _ in 0..<3 { settlingRound() }
    }

    /// The client is back at once, and the server has not noticed.
    private func takeOver(_ client: SimulatedClient) {
        record.trace("client \(client.number) changes its network")
        record.note(.takenOver)
        client.leave(.silent)
        connect(client)
    }

    private func say(_ client: SimulatedClient) {
        let isUnique = kernel.choices.chance(900)
        let content = isUnique ? "text \(nextNumber())" : "hello"
        for _ in 0..<(client.kind == .pipelining ? kernel.choices.within(1...3) : 1) {
            client.say(isUnique ? "\(content) \(nextNumber())" : content, isUnique: isUnique)
        }
        record.trace("client \(client.number) says \(content)")
    }

    private func ask(_ client: SimulatedClient) {
        guard client.isConnected else { return }
        var requests: [ClientRequest] = []
        for _ in 0..<kernel.choices.within(1...4) { requests.append(request(of: client)) }
        if requests.count > 2 { record.note(.manyInOneTurn) }
        record.trace("client \(client.number) asks for \(requests)")
        client.ask(requests)
    }

    private func request(of client: SimulatedClient) -> ClientRequest {
        let room = Self.rooms[kernel.choices.below(Self.rooms.count)]
        switch kernel.choices.below(20) {
        case 0..<4: return .join(room)
        case 4..<6: return .leave(room)
        case 6..<14:
            return .broadcast(nextNumber(), rooms: audience(), isVolatile: kernel.choices.chance(150), tail: tail())
        case 14..<17: return .direct(nextNumber())
        case 17..<19: return .local
        default: return kernel.choices.chance(settings.putOutRate) ? .putOut : .local
        }
    }

    private func tail() -> Int {
        kernel.choices.chance(700) ? 0 : kernel.choices.within(1...200)
    }

    /// No room, one, or several; now and then a socket's own one.
    private func audience() -> [String] {
        var rooms: [String] = []
        for _ in 0..<kernel.choices.below(3) { rooms.append(Self.rooms[kernel.choices.below(Self.rooms.count)]) }
        if kernel.choices.chance(150), let id = kernel.choices.element(of: clients)?.id { rooms.append(id.description) }
        return rooms
    }

    // MARK: Leaving

    private func leave(_ client: SimulatedClient) {
        guard client.isConnected else { return }
        record.trace("client \(client.number) leaves")
        record.note(.leftByClient)
        client.sayGoodbye()
    }

    func lose(_ client: SimulatedClient) {
        // A claim that was still on its way could take the session from the client's next connection.
        guard client.transport != nil, !settings.isCalm || client.isConnected,
            let departure = kernel.choices.element(of: Departure.allCases)
        else { return }
        record.trace("client \(client.number) loses its transport: \(departure)")
        record.note(departure == .silent ? .transportCut : .closedByClient)
        client.leave(departure)
    }
}
