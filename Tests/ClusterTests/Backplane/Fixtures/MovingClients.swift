import Actors
import TestSupport
import Transport

@testable import Cluster

/// Clients that move between hosts at random, and an oracle of the events that each of them must receive.
///
/// Each host has one worker, for which this class stands. Safety of `@unchecked Sendable`: it is used on the loop only.
final class MovingClients: @unchecked Sendable {
    /// A link that keeps the hub's events until the class handles them.
    private final class Link: HubLink, @unchecked Sendable {
        var events: [HubEvent] = []

        func send(_ events: [HubEvent]) { self.events += events }
        func drain() -> Bool { true }
    }

    /// A socket at a worker.
    private struct Socket {
        let key: SessionKey
        let client: Int
        var rooms: Set<String>
    }

    private struct Client {
        let id: SessionID
        let secret: SessionID
        /// The host that the client is connected to, and the number of its claim if that is not answered.
        var host: Int?
        var claim: UInt64?
        var offset: String?
        /// What its worker has written and the client has not read.
        var pending: [(text: String, offset: String)] = []
        var received: [String] = []
        /// What the oracle says: the rooms, and the events in order.
        var rooms: Set<String> = []
        var expected: [String] = []
        var direct: Set<String> = []
        var liveClaims = 0
    }

    private struct Host {
        let host: HubHost
        let link = Link()
        var worker: Incarnation?
        var sockets: [SessionID: Socket] = [:]
    }

    private let all: HubHosts
    private var hosts: [Host]
    private var clients: [Client] = []
    private var random: SplitMix64
    private var lastClaim: UInt64 = 0
    private var lastEvent = 0
    private(set) var refusals = 0
    private(set) var moves = 0

    init(_ all: HubHosts, clients count: Int, seed: UInt64) throws {
        self.all = all
        random = SplitMix64(seed: seed)
        hosts = all.hosts.map { Host(host: $0) }
        for letter in "ABCDEFGH".prefix(count) {
            let secret = SessionID(String(repeating: letter.lowercased(), count: SessionID.length))
            guard let id = SessionID(String(repeating: letter, count: SessionID.length)), let secret else { continue }
            clients.append(Client(id: id, secret: secret))
        }
        for index in hosts.indices { attach(index) }
        for (index, client) in clients.enumerated() {
            let host = number(below: hosts.count)
            let key = SessionKey(id: client.id)
            submit(
                .register(Registration(key: key, namespace: "/", privateID: client.secret, startRow: 0)), at: host)
            hosts[host].sockets[client.id] = Socket(key: key, client: index, rooms: [])
            clients[index].host = host
        }
    }

    private func attach(_ index: Int) {
        let link = hosts[index].link
        hosts[index].worker = hosts[index].host.hub.assumeIsolated { $0.attach(link) }
    }

    private func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    private func submit(_ request: HubRequest, at index: Int) {
        guard let worker = hosts[index].worker else { return }
        hosts[index].host.hub.assumeIsolated { $0.receive([request], from: worker) }
        handleEvents()
    }

    // MARK: Steps

    func step() {
        switch number(below: 16) {
        case 0..<4: emit()
        case 4..<5: emitDirectly()
        case 5..<7: change()
        case 7..<11: deliver(1 + number(below: 3))
        case 11..<13: read(number(below: clients.count), 1 + number(below: 4))
        default: move(number(below: clients.count))
        }
    }

    /// Connects every client and reads everything.
    func settle() {
        deliver(.max)
        for index in clients.indices {
            if clients[index].host == nil { claim(index, at: number(below: hosts.count)) }
            deliver(.max)
            read(index, .max)
        }
    }

    private func deliver(_ count: Int) {
        var left = count
        while left > 0, let message = all.broker.first {
            left -= 1
            order(message)
            all.broker.deliver(1)
            handleEvents()
        }
    }

    private func emit() {
        lastEvent += 1
        let rooms = number(below: 2) == 0 ? [] : ["r\(number(below: 2))"]
        submit(.emit(.event("\(lastEvent)", to: rooms), sender: nil), at: number(below: hosts.count))
    }

    private func emitDirectly() {
        lastEvent += 1
        let client = number(below: clients.count)
        clients[client].direct.insert("d\(lastEvent)")
        let event = Broadcast.event("d\(lastEvent)", to: [clients[client].id.description])
        submit(.emit(event, sender: nil), at: number(below: hosts.count))
    }

    private func change() {
        let selected = clients[number(below: clients.count)].id.description
        let selection = SocketSelection(
            namespace: "/", rooms: number(below: 3) == 0 ? ["r0"] : [selected], exceptions: [])
        let rooms = ["r\(number(below: 2))"]
        let change = number(below: 3) == 0 ? SocketChange.leave(rooms) : .join(rooms)
        // A change of one socket of this host is not ordered by the broker.
        let host = number(below: hosts.count)
        if !isLocal(selected, at: host) { submit(.change(selection, change, sender: nil), at: host) }
    }

    private func isLocal(_ room: String, at host: Int) -> Bool {
        hosts[host].host.hub.assumeIsolated { hub in
            SessionID(room).map { hub.machine.isConnected($0, in: "/") } ?? false
        }
    }

    private func read(_ index: Int, _ count: Int) {
        for (text, offset) in clients[index].pending.prefix(count) {
            clients[index].received.append(text)
            clients[index].offset = offset
        }
        clients[index].pending.removeFirst(min(count, clients[index].pending.count))
    }

    /// The client loses its connection, and perhaps comes back at once. Its worker may not have noticed.
    private func move(_ index: Int) {
        let client = clients[index]
        // Too many claims of a session whose owner is connected are refused.
        guard client.claim == nil || client.liveClaims < 6 else { return }
        clients[index].pending = []
        clients[index].claim = nil
        let isNoticed = client.liveClaims > 5 || number(below: 3) > 0
        if let host = client.host, isNoticed, let socket = hosts[host].sockets.removeValue(forKey: client.id) {
            submit(.unregister(socket.key, isKept: true), at: host)
        } else if client.host != nil {
            clients[index].liveClaims += 1
        }
        clients[index].host = nil
        if number(below: 4) > 0 || !isNoticed { claim(index, at: number(below: hosts.count)) }
    }

    private func claim(_ index: Int, at host: Int) {
        moves += 1
        lastClaim += 1
        clients[index].host = host
        clients[index].claim = lastClaim
        let client = clients[index]
        submit(
            .claim(
                Claim(
                    number: lastClaim, namespace: "/", privateID: client.secret, offset: client.offset,
                    maxMissedBytes: 1 << 30)), at: host)
    }

    // MARK: The oracle

    /// Applies a message in the order of the broker.
    private func order(_ message: BackplaneMessage) {
        switch message {
        case .event(let event):
            let text = String(decoding: event.event.text, as: UTF8.self)
            for index in clients.indices where isAddressed(index, event.rooms) && !text.hasPrefix("d") {
                clients[index].expected.append(text)
            }
        case .change(let selection, let change):
            for index in clients.indices where isAddressed(index, selection.rooms) {
                switch change {
                case .join(let rooms): clients[index].rooms.formUnion(rooms)
                case .leave(let rooms): clients[index].rooms.subtract(rooms)
                case .disconnect: break
                }
            }
        default: break
        }
    }

    private func isAddressed(_ index: Int, _ rooms: [String]) -> Bool {
        let own = clients[index].rooms.union([clients[index].id.description])
        return rooms.isEmpty || rooms.contains(where: own.contains)
    }

    /// What is wrong with the events of each client.
    var faults: [String] {
        clients.compactMap { client in
            let ordered = client.received.filter { !$0.hasPrefix("d") }
            let direct = client.received.filter { $0.hasPrefix("d") }
            if ordered != client.expected {
                return "\(client.id.letter) got \(ordered) instead of \(client.expected)"
            }
            return direct.sorted() == client.direct.sorted()
                ? nil : "\(client.id.letter) got \(direct) instead of \(client.direct.sorted())"
        }
    }

    // MARK: The workers

    private func handleEvents() {
        var isDone = false
        while !isDone {
            isDone = true
            for index in hosts.indices {
                let events = hosts[index].link.events
                hosts[index].link.events = []
                if !events.isEmpty { isDone = false }
                for event in events { handle(event, at: index) }
            }
        }
    }

    private func handle(_ event: HubEvent, at host: Int) {
        switch event {
        case .broadcast(let broadcast, let position):
            let text = String(decoding: broadcast.event.text, as: UTF8.self)
            for socket in hosts[host].sockets.values
            where broadcast.rooms.isEmpty
                || broadcast.rooms.contains(where: socket.rooms.union([socket.key.id.description]).contains)
            {
                write(text, hosts[host].host.offset(at: position, epoch: nil), to: socket.client, at: host)
            }
        case .changed(let selection, let change):
            for (id, socket) in hosts[host].sockets
            where selection.rooms.contains(where: socket.rooms.union([id.description]).contains) {
                switch change {
                case .join(let rooms): hosts[host].sockets[id]?.rooms.formUnion(rooms)
                case .leave(let rooms): hosts[host].sockets[id]?.rooms.subtract(rooms)
                case .disconnect: break
                }
            }
        case .ownershipLost(let key):
            guard let socket = hosts[host].sockets[key.id], socket.key == key else { return }
            hosts[host].sockets[key.id] = nil
            if clients[socket.client].host == host, clients[socket.client].claim == nil {
                clients[socket.client].host = nil
                clients[socket.client].pending = []
            }
        case .claimed(let number, .recovered(let session)): recovered(session, number, at: host)
        case .claimed(let number, .refused):
            if clients.contains(where: { $0.claim == number }) { refusals += 1 }
        default: break
        }
    }

    private func write(_ text: String, _ offset: String, to client: Int, at host: Int) {
        guard clients[client].host == host, clients[client].claim == nil else { return }
        clients[client].pending.append((text, offset))
    }

    private func recovered(_ session: RecoveredSession, _ number: UInt64, at host: Int) {
        guard let index = clients.firstIndex(where: { $0.claim == number }) else {
            return submit(.unregister(session.key, isKept: true), at: host)
        }
        clients[index].claim = nil
        hosts[host].sockets[session.key.id] = Socket(key: session.key, client: index, rooms: Set(session.rooms))
        for missed in session.missed {
            let offset = hosts[host].host.offset(at: missed.position, epoch: missed.epoch)
            write(String(decoding: missed.event.text, as: UTF8.self), offset, to: index, at: host)
        }
    }
}
