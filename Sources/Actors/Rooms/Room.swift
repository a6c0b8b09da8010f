import Transport

/// A set of sockets of one worker that get the same events.
actor Room {
    /// Above this many waiting bytes a client misses volatile events and leaves the set of those who get messages live.
    static let slowMark = 256 * 1024

    private let loop: EventLoop
    private var members: [Socket] = []
    private var places: [SessionID: Int] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) {
        self.loop = loop
    }

    var isEmpty: Bool { members.isEmpty }
    var sockets: [Socket] { members }

    func contains(_ id: SessionID) -> Bool { places[id] != nil }

    func add(_ socket: Socket) {
        guard places[socket.id] == nil else { return }
        places[socket.id] = members.count
        members.append(socket)
    }

    func remove(_ id: SessionID) {
        guard let place = places.removeValue(forKey: id) else { return }
        let last = members.removeLast()
        guard place < members.count else { return }
        members[place] = last
        places[last.id] = place
    }

    /// Queues frames for every member.
    /// - Returns: the members that take too little.
    func deliver(_ frames: Frames, isVolatile: Bool = false) -> [Socket] {
        var slow: [Socket] = []
        for member in members {
            let pending = member.connection.assumeIsolated { $0.send(frames, isVolatile: isVolatile) }
            if pending > Self.slowMark { slow.append(member) }
        }
        return slow
    }
}
