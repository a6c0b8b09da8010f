import Transport

/// Distributes sessions among the workers that accept connections on the same sockets, and limits the connections that
/// are on their way to a worker. A value of the supervisor.
struct SharedPort {
    /// The answer to a connection that a worker cannot handle.
    enum Route: Equatable {
        case to(WorkerNumber)
        /// The worker has ended.
        case ended
        /// Too many connections are on their way to the worker, or no worker opens sessions.
        case full
    }

    /// The most connections on their way to one worker, and to all workers.
    static let maxArriving = 1024
    static let maxTotal = 4096
    /// A worker to which this many connections are on their way gets no new session if another worker can have it,
    /// because it may hang.
    static let manyArriving = 32

    private struct Member {
        let number: WorkerNumber
        /// The number of sessions, as the worker reported it last.
        var sessions = 0
        /// The number of connections on their way to it, and of those among them that will open a session.
        var arriving = 0
        var newSessions = 0
        var opensSessions = false

        var load: Int { sessions + newSessions }

        mutating func count(_ connections: Int, opensSession: Bool) {
            arriving += connections
            if opensSession { newSessions += connections }
        }
    }

    /// In ascending order of their numbers.
    private var members: [Member] = []

    /// Adds a worker that has started. It opens no sessions until it accepts connections.
    mutating func add(_ number: WorkerNumber) {
        let index = members.firstIndex { $0.number > number } ?? members.count
        members.insert(Member(number: number), at: index)
    }

    /// Removes a worker that has ended.
    mutating func remove(_ number: WorkerNumber) {
        members.removeAll { $0.number == number }
    }

    /// Records that a worker accepts connections, or that it opens no more sessions.
    mutating func set(_ number: WorkerNumber, opensSessions: Bool) {
        update(number) { $0.opensSessions = opensSessions }
    }

    /// Records the number of sessions that a worker reported.
    mutating func set(_ number: WorkerNumber, sessions: Int) {
        update(number) { $0.sessions = sessions }
    }

    private mutating func update(_ number: WorkerNumber, _ change: (inout Member) -> Void) {
        guard let index = members.firstIndex(where: { $0.number == number }) else { return }
        change(&members[index])
    }

    /// Chooses the worker for a connection, and counts the connection as on its way.
    /// - Parameters:
    ///   - target: the worker of the session; nil for a new session.
    ///   - sender: the worker that passes the connection on. A new session returns to it if the others have much to do.
    mutating func route(to target: WorkerNumber?, from sender: WorkerNumber) -> Route {
        let index = target.map { target in members.firstIndex { $0.number == target } } ?? leastLoaded(orElse: sender)
        guard let index else { return target == nil ? .full : .ended }
        let total = members.reduce(0) { $0 + $1.arriving }
        guard members[index].arriving < Self.maxArriving, total < Self.maxTotal else { return .full }
        members[index].count(1, opensSession: target == nil)
        return .to(members[index].number)
    }

    private func leastLoaded(orElse sender: WorkerNumber) -> Int? {
        let open = members.indices.filter { members[$0].opensSessions }
        return open.filter { members[$0].arriving < Self.manyArriving }
            .min { members[$0].load < members[$1].load } ?? open.first { members[$0].number == sender } ?? open.first
    }

    /// Takes back that a connection was counted as on its way to a worker, because it was not sent.
    mutating func cancel(to number: WorkerNumber, opensSession: Bool) {
        update(number) { $0.count(-1, opensSession: opensSession) }
    }

    /// Records that a connection on its way to a worker has arrived.
    mutating func arrived(at number: WorkerNumber, opensSession: Bool, isTaken: Bool) {
        update(number) {
            $0.count(-1, opensSession: opensSession)
            // The worker reports the new session at the end of its turn.
            if opensSession, isTaken { $0.sessions += 1 }
        }
    }

    /// The state that the workers need.
    var table: SessionRouting.Table {
        SessionRouting.Table(limit: limit, workers: members.map(\.number))
    }

    /// The number of sessions from which on a worker passes new sessions on: an equal share, and a little more, so that
    /// few connections are passed on among workers with nearly equal loads. The addition is small enough that even if
    /// all workers but one have it, the last one has at least 15/16 of its share.
    private var limit: Int {
        let loads = members.filter(\.opensSessions).map(\.load)
        guard loads.count > 1 else { return .max }
        let share = loads.reduce(0, +) / loads.count + 1
        return share + max(1, share / (16 * loads.count))
    }
}
