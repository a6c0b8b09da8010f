import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

/// A hub's side of kept sessions and the broker, with what is on its way between them.
struct KeptSessionsWorld {
    var kept = KeptSessions(of: "host", interval: .seconds(40))
    var server = KeyServer()
    var now = ContinuousClock.now
    /// The sessions of the hub, each with the number of its last change.
    var sessions: [SessionID: Int] = [:]
    /// The sessions whose values are too large to be kept.
    var large: Set<SessionID> = []
    /// How often the hub has learnt that another host has a session.
    private(set) var takenCount = 0
    /// The secrets of the sessions. The next session with an id has another one.
    private var secrets: [SessionID: SessionID] = [:]
    private var ended: Set<SessionID> = []
    private var number: UInt64 = 0
    private var changes = 0
    private var commands: [(number: UInt64, command: SessionCommand)] = []
    private var answers: [(number: UInt64, answer: SessionAnswer)] = []
    /// The commands of earlier connections, which the broker can read until the given time.
    private var late: [(command: SessionCommand, until: ContinuousClock.Instant)] = []

    mutating func secret(of id: SessionID) throws -> SessionID {
        if let secret = secrets[id] { return secret }
        let digits = "\(secrets.count + ended.count)"
        let secret = try #require(
            SessionID(id.description.prefix(20 - digits.count).lowercased() + digits))
        secrets[id] = secret
        return secret
    }

    mutating func change(_ id: SessionID) throws {
        changes += 1
        sessions[id] = changes
        kept.note(id, try secret(of: id))
    }

    mutating func end(_ id: SessionID) {
        if let secret = secrets.removeValue(forKey: id) { ended.insert(secret) }
        sessions[id] = nil
        kept.forget(id)
    }

    mutating func send() {
        while true {
            number += 1
            let (sessions, number, large) = (sessions, number, large)
            let command = kept.next(as: number, at: now, holding: []) { id in
                guard let change = sessions[id] else { return nil }
                let bytes =
                    large.contains(id)
                    ? Array(repeating: 0, count: KeptSessions.maxValue + 1) : Self.value(change, counter: Int(number))
                return KeptSessions.Value(bytes: bytes, life: .seconds(160), isConnected: true)
            }
            guard let command else { return }
            commands.append((number, command))
        }
    }

    private static func value(_ change: Int, counter: Int) -> [UInt8] {
        let places = SessionPlaces(
            namespace: "/", group: nil, ownerEpoch: 0, startRow: 0, position: 0, registeredAt: 0, joins: [0], stays: [],
            forgottenUpTo: 0, inherited: nil, offsetBefore: nil, host: "host", counter: counter)
        return StreamSession(
            id: "id", privateID: "\(counter)", rooms: ["\(change)"], data: MixedValue(.null), places: places
        ).encoded
    }

    /// The broker carries the oldest command out, or refuses it.
    mutating func carryOut(isRefused: Bool = false) {
        guard !commands.isEmpty else { return }
        let (number, command) = commands.removeFirst()
        let answer =
            isRefused ? SessionAnswer(.failed(reason: "NOREPLICAS")) : server.carryOut(command, at: now)
        answers.append((number, answer))
    }

    mutating func answer() {
        guard !answers.isEmpty else { return }
        let (number, answer) = answers.removeFirst()
        if case .taken(let id, _) = kept.answered(number, answer, at: now) {
            takenCount += 1
            sessions[id] = nil
            secrets[id] = nil
        }
    }

    /// - Parameter keepsCommands: true if the broker may still read what was sent.
    mutating func endConnection(keepsCommands: Bool = false) {
        // Those that had reached the broker are carried out, but nothing is answered.
        if keepsCommands { late += commands.map { ($0.command, now + .seconds(100)) } }
        commands = []
        answers = []
        kept.connectionEnded()
    }

    /// The broker reads so many commands of earlier connections.
    mutating func readLate(_ count: Int) {
        for (command, end) in late.prefix(count) where now < end { _ = server.carryOut(command, at: now) }
        late.removeFirst(min(count, late.count))
    }

    /// Lets everything arrive.
    mutating func settle() {
        repeat {
            if kept.pauseEnd != nil { now += KeptSessions.pause }
            send()
            while !commands.isEmpty { carryOut() }
            while !answers.isEmpty { answer() }
        } while kept.hasWork
    }

    /// The last change of a session that the broker has.
    func change(at id: SessionID) throws -> Int? {
        guard let secret = secrets[id] else { return nil }
        return server.session(secret, at: now)?.rooms.first.flatMap { Int($0) }
    }

    /// The secrets of ended sessions that the broker has.
    var endedAtServer: [SessionID] { ended.filter { server.session($0, at: now) != nil }.sorted() }
}
