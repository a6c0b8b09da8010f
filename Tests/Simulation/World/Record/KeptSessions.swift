import Actors
import Cluster
import Transport

/// What a broker that keeps sessions may answer, and which session a host must find there.
///
/// Each value that a hub writes is noted with a copy of the session, as the hub's oracle knows it. When a hub takes the
/// value, the copy and the messages of the stream behind it tell what the session must be.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class KeptSessions: @unchecked Sendable {
    /// A value that a hub has written.
    struct Value {
        let session: HubOracle.Session
        /// The position of the hub.
        let position: UInt64
        /// The position of the hub at which it has last lacked messages.
        let lastGap: UInt64
        let writer: HubOracle
    }

    /// A value that a hub has taken.
    struct Take {
        let value: Value
        let taker: HubOracle
        let step: Int
        /// False if the hub had given up the connection.
        let isHeard: Bool
    }

    /// A session that a hub has let go for a question of another host.
    struct Passing {
        let step: Int
        /// When the hub has begun to answer the question.
        let askedAt: ContinuousClock.Instant
    }

    private struct Owner: Hashable {
        let hub: ObjectIdentifier
        let secret: SessionID
    }

    let record: Record
    private let now: () -> Duration
    /// How much earlier than expected a hub may think that a value has expired.
    private let tolerance: Duration
    private var values: [SessionDigest: Value] = [:]
    /// The messages of the stream that are not lost, with those that were trimmed.
    private(set) var history: [(position: UInt64, message: BackplaneMessage)] = []
    private(set) var takes: [SessionID: [Take]] = [:]
    /// When the hubs have sent their latest commands that take a session.
    private var takesSent: [Owner: ContinuousClock.Instant] = [:]
    /// The latest questions of other hosts for which hubs have let a session go.
    private var passings: [Owner: Passing] = [:]
    /// The hubs that have last let a session go, by the secrets, and those from which hubs have got sessions.
    private var givers: [SessionID: HubOracle] = [:]
    private var inherited: [Owner: HubOracle] = [:]
    private var arrivals: [Owner: Int] = [:]
    /// The step at which the broker has last told a hub that a session is its own.
    private var checks: [Owner: Int] = [:]
    /// The steps at which hubs have last written a session.
    private var writes: [Owner: Int] = [:]
    /// When the values expire that the broker has confirmed to the hubs.
    private var confirmed: [Owner: Duration] = [:]
    /// What the hubs wait for.
    private var open: [Owner: [UInt64: Duration?]] = [:]
    /// The steps since which the keys have a value, and when that expires.
    private var kept: [SessionID: (step: Int, end: Duration)] = [:]
    /// The secrets of sessions that two hosts may have, because the broker has lost what it knew of them, or because
    /// the host could not know that its value was taken.
    private var uncertain: Set<SessionID> = []
    /// The secrets by the ids of the sockets.
    private var secrets: [SessionID: SessionID] = [:]
    /// The numbers of events that a host has applied alone. The broker may have added them later.
    private var appliedAlone: Set<Int> = []

    init(_ record: Record, recovery: RecoveryOptions, now: @escaping () -> Duration) {
        self.record = record
        self.now = now
        tolerance = recovery.maxDisconnectionDuration / 5
    }

    // MARK: The stream

    func added(_ entry: SimulatedStream.Entry) {
        guard let place = SharedPosition(milliseconds: entry.id.milliseconds, sequence: entry.id.sequence) else {
            return
        }
        history.append((place.value, entry.message.message))
    }

    /// The broker has lost its latest entries.
    func lost(_ count: Int) {
        history.removeLast(min(count, history.count))
    }

    /// The broker has lost the latest changes of keys.
    func lost(_ secrets: [SessionID]) {
        for secret in secrets {
            uncertain.insert(secret)
            record.note(.keyLost)
        }
    }

    // MARK: Commands

    /// A hub sends a command.
    /// - Parameter time: the time at the hub.
    func sends(
        _ command: SessionCommand, _ number: UInt64, by hub: HubOracle, at time: ContinuousClock.Instant
    ) {
        switch command.content {
        case .write(let secret, let bytes, let expected, let life):
            writes(bytes, of: secret, by: hub)
            sends(expected, of: secret, by: hub)
            open[Owner(hub: ObjectIdentifier(hub), secret: secret), default: [:]][number] = .some(now() + life)
        case .remove(let secret, let expected), .end(let secret, let expected, _):
            // The key of a session that has ended may be gone already.
            if hub.secrets[secret]?.isDeleted == false { sends(expected, of: secret, by: hub) }
            open[Owner(hub: ObjectIdentifier(hub), secret: secret), default: [:]][number] = .some(nil)
        case .check(let secret, let expected): sends(expected, of: secret, by: hub)
        case .take(let secret, _, _): takesSent[Owner(hub: ObjectIdentifier(hub), secret: secret)] = time
        case .read: break
        }
    }

    private func writes(_ bytes: [UInt8], of secret: SessionID, by hub: HubOracle) {
        guard let session = hub.secrets[secret], let value = try? StreamSession(bytes) else {
            return record.require(
                false, .sessionIsAtOneHost, "a hub writes a session with the secret \(secret), which it does not have")
        }
        record.require(
            Set(value.rooms) == session.rooms.union([session.id.description]), .recoveryIsComplete,
            "\(session.id) is in \(session.rooms.sorted()) and is written in \(value.rooms)")
        secrets[session.id] = secret
        values[SessionDigest(of: bytes)] = Value(
            session: session.copy(), position: hub.head, lastGap: hub.lastGap ?? 0, writer: hub)
    }

    /// A hub that knows of its value must not go on when the value is gone.
    private func sends(_ expected: ExpectedValue, of secret: SessionID, by hub: HubOracle) {
        guard expected.mayBeAbsent, let end = confirmed[Owner(hub: ObjectIdentifier(hub), secret: secret)] else {
            return
        }
        record.require(
            now() >= end - tolerance, .sessionIsAtOneHost,
            "\(hub.exchange?.node ?? "") would go on without the value of \(secret), which must be there")
    }

    /// A hub handles the answer to a command.
    func answered(_ number: UInt64, _ answer: SessionAnswer, of hub: HubOracle) {
        for owner in open.keys where owner.hub == ObjectIdentifier(hub) {
            guard let end = open[owner]?.removeValue(forKey: number), answer == SessionAnswer(.done) else { continue }
            confirmed[owner] = end
        }
    }

    /// A hub handles the end of its connection. It does not know whether keys were removed.
    func connectionEnded(of hub: HubOracle) {
        for owner in open.keys where owner.hub == ObjectIdentifier(hub) {
            if open[owner]?.values.contains(where: { $0 == nil }) == true { confirmed[owner] = nil }
            open[owner] = nil
        }
    }

    /// A hub lets a session go for a question of another host.
    func passes(_ secret: SessionID, by hub: HubOracle, askedAt time: ContinuousClock.Instant) {
        passings[Owner(hub: ObjectIdentifier(hub), secret: secret)] = Passing(step: record.time, askedAt: time)
        givers[secret] = hub
    }

    /// A session that another hub has let go arrives at a hub, which may write over the value of the other one.
    func arrives(_ secret: SessionID, at hub: HubOracle) {
        inherited[Owner(hub: ObjectIdentifier(hub), secret: secret)] = givers[secret]
        arrivals[Owner(hub: ObjectIdentifier(hub), secret: secret)] = record.time
    }

    /// True if a hub has got a session from another one since a step.
    func hasArrived(_ secret: SessionID, at hub: HubOracle, since step: Int) -> Bool {
        arrivals[Owner(hub: ObjectIdentifier(hub), secret: secret)].map { $0 >= step } ?? false
    }

    /// A session leaves a hub.
    func left(_ secret: SessionID, _ hub: HubOracle) {
        let owner = Owner(hub: ObjectIdentifier(hub), secret: secret)
        confirmed[owner] = nil
        open[owner] = nil
    }

    /// A hub learns that values may be lost.
    func valuesMayBeLost(at hub: HubOracle) {
        for owner in confirmed.keys where owner.hub == ObjectIdentifier(hub) { confirmed[owner] = nil }
    }

    /// The broker has carried a command out.
    /// - Parameter old: the digest of the value that the key or its copy had; nil for none.
    func carriedOut(
        _ command: SessionCommand, _ answer: SessionAnswer, of secret: SessionID, over old: SessionDigest?,
        by hub: HubOracle, isHeard: Bool, _ copies: [HubOracle]
    ) {
        switch command.content {
        case .write(_, _, _, let life) where answer == SessionAnswer(.done):
            record.note(.sessionKept)
            if let old {
                let giver = inherited[Owner(hub: ObjectIdentifier(hub), secret: secret)]
                record.require(
                    values[old]?.writer === hub || values[old].map { $0.writer === giver } ?? false,
                    .sessionIsAtOneHost,
                    "\(hub.exchange?.node ?? "") writes over the value of another host for \(secret)")
            }
            writes[Owner(hub: ObjectIdentifier(hub), secret: secret)] = record.time
            kept[secret] = (old == nil ? record.time : kept[secret]?.step ?? record.time, now() + life)
            if old == nil { wasAbsent(secret, for: hub) }
        case .check where answer == SessionAnswer(.done):
            checks[Owner(hub: ObjectIdentifier(hub), secret: secret)] = record.time
            if old == nil { wasAbsent(secret, for: hub) }
        case .remove where answer == SessionAnswer(.done), .end where answer == SessionAnswer(.done):
            kept[secret] = nil
            if old == nil { wasAbsent(secret, for: hub) }
        case .take(_, _, let life):
            guard let value = old.flatMap({ values[$0] }) else { return record.note(.nothingTaken) }
            record.note(.sessionTaken)
            // Another host may take the value while its removal is on its way. This host takes it from that one then,
            // and finds an operation that has ended the session, like every host.
            let isFromOther = takes[secret]?.last.map { $0.taker !== hub && $0.value.session === value.session }
            record.require(
                value.writer !== hub || hub.secrets[secret]?.isDeleted != true || isFromOther == true
                    || isUncertain(secret), .confirmedStateIsKept,
                "\(hub.exchange?.node ?? "") takes its own session \(value.session.id), which has ended")
            // A copy of the value stays until the host writes it again.
            kept[secret] = (kept[secret]?.step ?? record.time, max(kept[secret]?.end ?? .zero, now() + life))
            takes[secret, default: []].append(
                Take(value: value, taker: hub, step: record.time, isHeard: isHeard))
            for oracle in copies {
                guard let session = oracle.secrets[secret], !session.isDeleted else { continue }
                session.takenAt = record.time
            }
        default: break
        }
    }

    /// A host goes on although the value is gone, because it cannot know whether it was there.
    private func wasAbsent(_ secret: SessionID, for hub: HubOracle) {
        guard let last = takes[secret]?.last, last.taker !== hub else { return }
        record.note(.absentValueAccepted)
        uncertain.insert(secret)
    }

    // MARK: Rules

    /// True if two hosts may have the session.
    func isUncertain(_ secret: SessionID) -> Bool { uncertain.contains(secret) }

    /// True if the broker has lost what it knew of the session with this id, or two hosts may have it.
    func isUncertain(id: SessionID) -> Bool { secrets[id].map { uncertain.contains($0) } ?? false }

    /// A host applies its own message without knowing whether the broker adds it.
    func appliesAlone(_ message: BackplaneMessage) {
        if case .event(let broadcast) = message, let number = EventText.number(in: broadcast.event.text) {
            appliedAlone.insert(number)
        }
    }

    /// True if clients may receive an event again at another host: the first one could not know that the broker would
    /// add it.
    func mayRepeat(_ number: Int) -> Bool { appliedAlone.contains(number) }

    /// True if the broker has told a hub that a session is its own, between these steps.
    func wasChecked(_ secret: SessionID, by hub: HubOracle, in steps: ClosedRange<Int>) -> Bool {
        checks[Owner(hub: ObjectIdentifier(hub), secret: secret)].map { steps.contains($0) } ?? false
    }

    /// True if the broker has a value of a session that a hub has written, or had one until a step.
    func hasWritten(_ secret: SessionID, by hub: HubOracle, before step: Int) -> Bool {
        writes[Owner(hub: ObjectIdentifier(hub), secret: secret)].map { $0 <= step } ?? false
    }

    /// When a hub has last sent the command that takes a session; nil if it never has.
    func takeSent(for secret: SessionID, by hub: HubOracle) -> ContinuousClock.Instant? {
        takesSent[Owner(hub: ObjectIdentifier(hub), secret: secret)]
    }

    /// The latest question of another host for which a hub has let a session go.
    func passing(of secret: SessionID, by hub: HubOracle) -> Passing? {
        passings[Owner(hub: ObjectIdentifier(hub), secret: secret)]
    }

    /// True if a key has had a value since a step.
    func isKept(_ secret: SessionID, since step: Int) -> Bool {
        kept[secret].map { $0.step < step && now() < $0.end } ?? false
    }
}
