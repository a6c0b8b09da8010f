import Actors

/// What clients do.
extension SimulatedCluster {
    private static let rooms = ["red", "green", "blue"]

    func clientStep() {
        if let restless, restless.isConnected, choices.chance(700) { return takeOver(restless) }
        let offline = choices.chance(300) ? clients.filter { $0.connection == nil } : []
        guard let client = choices.element(of: offline.isEmpty ? clients : offline) else { return }
        guard client.connection != nil else {
            // Also while it is offline, somebody writes.
            if choices.chance(300) { say(client) }
            return connect(client)
        }
        switch choices.below(100) {
        case 0..<35: say(client)
        case 35..<92: ask(client)
        case 92..<95: leave(client)
        case 95..<98: closeTransport(of: client)
        default: broadcast()
        }
    }

    func connect(_ client: ClientModel) {
        guard let primary, let worker = choices.element(of: workers.filter({ $0.primary === primary })) else { return }
        let connection = client.connect(to: worker, number: nextNumber())
        connections.append(connection)
        worker.accept(connection)
        record.trace("client \(client.number) connects to worker \(worker.number)")
    }

    /// The client is back at once, at any worker, and the one that it was at has not noticed.
    private func takeOver(_ client: ClientModel) {
        record.trace("client \(client.number) changes its network")
        record.note(.takenOver)
        client.connection?.leave(keeping: choices.below(2), silently: true)
        client.disconnected()
        connect(client)
    }

    private func say(_ client: ClientModel) {
        let isUnique = choices.chance(900)
        let content = isUnique ? "text \(nextNumber())" : "hello"
        for _ in 0..<(client.kind == .pipelining ? choices.within(1...3) : 1) {
            client.say(isUnique ? "\(content) \(nextNumber())" : content, isUnique: isUnique)
        }
        record.trace("client \(client.number) says \(content)")
    }

    private func ask(_ client: ClientModel) {
        guard client.isConnected else { return }
        var requests: [ClientPacket.Request] = []
        for _ in 0..<choices.within(1...4) { requests.append(request(of: client)) }
        if requests.count > 2 { record.note(.manyInOneTurn) }
        record.trace("client \(client.number) asks for \(requests)")
        client.ask(requests)
    }

    private func request(of client: ClientModel) -> ClientPacket.Request {
        let room = Self.rooms[choices.below(Self.rooms.count)]
        switch choices.below(20) {
        case 0..<4: return .join(room)
        case 4..<6: return .leave(room)
        case 6..<14:
            return .broadcast(
                nextNumber(), rooms: audience(), isVolatile: choices.chance(150), exceptsSender: choices.chance(500),
                tail: tail())
        case 14..<17: return .direct(nextNumber())
        case 17..<19: return .local
        default: return choices.chance(settings.putOutRate) ? .putOut : .local
        }
    }

    private func tail() -> Int {
        choices.chance(700) ? 0 : choices.within(1...200)
    }

    /// No room, one, or several; now and then a socket's own one.
    private func audience() -> [String] {
        var rooms: [String] = []
        for _ in 0..<choices.below(3) { rooms.append(Self.rooms[choices.below(Self.rooms.count)]) }
        if choices.chance(150), let id = choices.element(of: clients)?.id { rooms.append(id.description) }
        return rooms
    }

    /// A worker tells everyone in some rooms something, on nobody's behalf.
    private func broadcast() {
        guard let worker = choices.element(of: workers), !worker.isPaused else { return }
        let broadcast = Broadcast(
            namespace: "/", rooms: audience(), exceptions: [],
            event: EncodedEvent(text: EventText.numbered(nextNumber(), tail: tail())),
            isVolatile: choices.chance(150))
        worker.submit(.emit(broadcast, sender: nil))
    }

    // MARK: Leaving

    /// `disconnect()`: the client tells the worker, and keeps its secret.
    private func leave(_ client: ClientModel) {
        guard let connection = client.connection, client.isConnected else { return }
        record.trace("client \(client.number) leaves")
        record.note(.leftByClient)
        connection.toWorker.append(.leave)
        connection.leave(keeping: choices.chance(700) ? .max : choices.below(3))
        client.disconnected()
    }

    /// The client's side of the transport closes; the worker finds out later.
    func closeTransport(of client: ClientModel) {
        guard let connection = client.connection else { return }
        record.trace("client \(client.number) loses its transport")
        record.note(.closedByClient)
        connection.leave(keeping: choices.chance(500) ? .max : choices.below(3))
        client.disconnected()
    }
}
