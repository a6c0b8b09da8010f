import Transport

/// A set of sockets of one worker that receive the same events.
actor Room {
    private let loop: EventLoop
    private var list = MemberList()

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// The number of members.
    var count: Int { list.members.count }

    /// Queues frames for every member.
    /// - Returns: The members with more pending bytes than the slow mark.
    func deliver(_ frames: Frames, isVolatile: Bool = false) -> [Socket] {
        let slowMark = loop.limits.slowMark
        var slow: [Socket] = []
        for member in list.members {
            let pending = member.connection.assumeIsolated { $0.send(frames, isVolatile: isVolatile) }
            if pending > slowMark { slow.append(member) }
        }
        return slow
    }
}

/// Synchronous access for callers on the loop.
extension Room {
    nonisolated var isEmpty: Bool { assumeIsolated { $0.list.isEmpty } }
    nonisolated var members: [Socket] { assumeIsolated { $0.list.members } }

    nonisolated func contains(_ id: SessionID) -> Bool { assumeIsolated { $0.list.contains(id) } }
    nonisolated func add(_ socket: Socket) { assumeIsolated { $0.list.add(socket) } }
    nonisolated func remove(_ id: SessionID) { assumeIsolated { $0.list.remove(id) } }
}
