@_spi(Collections) import Actors
import Transport

/// What a broker keeps of this hub's sessions, so that other hosts can take them when this one is gone.
///
/// A session is written some time after it changes, and again from time to time while its client is connected, because
/// values expire. Of each session, one write is on its way. The broker writes only over values of this hub, so a host
/// that was away for long notices that its sessions were taken.
///
/// A value without I/O. Time is an argument.
struct KeptSessions {
    /// What a hub writes of a session.
    struct Value {
        let bytes: [UInt8]
        /// How long the broker keeps it.
        let life: Duration
        /// True to write it again before it expires.
        let isConnected: Bool
    }

    /// What an answer means for a session.
    enum Outcome: Equatable {
        /// Another host has it. The number is that of the claim for which this was found out, if any.
        case taken(SessionID, claim: UInt64? = nil)
        /// No other host has the session that a claim is about, as far as is known.
        case checked(claim: UInt64)
        /// There is no value, and it is not known whether another host has taken it or it has expired. The command must
        /// be repeated, which then allows that. The number is that of the claim that is checked; nil for a release.
        case expired(SessionID, claim: UInt64? = nil)
        /// It may be given to another host, or must not be.
        case released(SessionID, Bool)
        /// The broker has refused the value with which it was to be released. An older one must not be taken for it.
        case notReleased(SessionID, reason: String)
        /// The broker does not keep sessions, for this reason.
        case refused(String)
    }

    struct Record {
        let privateID: SessionID
        var expected: ExpectedValue
        /// When the value expires that the broker has confirmed last.
        var expiry: ContinuousClock.Instant?
        /// When it is written again, and whether it is in the queue for that.
        var refresh: ContinuousClock.Instant?
        var awaitsRefresh = false
        /// Since when there is no value although there must be; nil if there is one.
        var missingSince: ContinuousClock.Instant?
        /// The number of the write that is on its way.
        var writing: UInt64?
        /// The number of the command that prepares the session to be given to another host.
        var releasing: UInt64?
        /// The value that another host may get together with the session; nil if there is none, or a later one.
        var releasedAs: SessionDigest?
        /// True if the broker has a copy of the value that this host has taken, until the first write.
        var isCopy = false
        /// True if it is in the queue, or will be after the present write.
        var isChanged = false

        init(_ privateID: SessionID, of host: String) {
            self.privateID = privateID
            expected = ExpectedValue(of: host)
        }

        mutating func expect(_ digests: [SessionDigest], mayBeAbsent: Bool = false) {
            (expected.digests, expected.mayBeAbsent) = (digests, mayBeAbsent)
        }
    }

    enum Purpose {
        case write(SessionID, SessionDigest, Value, sentAt: ContinuousClock.Instant)
        case check(SessionID, claim: UInt64)
        /// Without a value, the key is removed.
        case release(SessionID, SessionDigest, Value, sentAt: ContinuousClock.Instant)
        case releaseWithoutValue(SessionID)
        case remove(Removal)
    }

    /// How many commands are on their way at most, and with how many bytes, for another one to be sent.
    static let maxOpen = 256
    static let maxOpenBytes = 4 << 20
    /// The largest value, in bytes. The broker does not keep a session with a larger one.
    static let maxValue = 1 << 20
    /// How long a value is missing before it is taken for that of a session that another host has. A server that has
    /// lost its data is noticed earlier.
    static let doubt = Duration.seconds(3)
    /// How many values of a key are told apart. Each end of a connection may add one.
    private static let maxDigests = 32
    /// How much earlier than expected a value may be gone at most, because the broker has another clock.
    private static let maxTolerance = Duration.seconds(10)
    /// How long nothing is written after the broker has refused a command.
    static let pause = Duration.seconds(1)

    /// The epoch of the hub.
    let host: String
    /// The time between two writes of a connected session.
    let interval: Duration
    var records: [SessionID: Record] = [:]
    /// The sessions to write, in order. Some are gone since.
    var changed = Queue<SessionID>()
    /// When to look at connected sessions, each once. Some are written again later.
    var refreshes = Queue<(id: SessionID, time: ContinuousClock.Instant)>()
    /// When sessions are written again whose values are missing.
    var doubts = Queue<(id: SessionID, time: ContinuousClock.Instant)>()
    /// The keys to remove, whose sessions are gone.
    var removals = Queue<Removal>()
    /// Those whose removal the broker has refused. It is tried again after the pause.
    var refusedRemovals = Queue<Removal>()
    /// The writes that were on their way when their sessions went, until the keys are removed. True for those that the
    /// broker has confirmed.
    var lateWrites: [UInt64: Bool] = [:]
    /// The secrets of the ended sessions among them.
    var endingSecrets: Set<SessionID> = []
    var open: [UInt64: (purpose: Purpose, byteCount: Int)] = [:]
    var openBytes = 0
    var pauseEnd: ContinuousClock.Instant?

    /// - Parameters:
    ///   - host: the epoch of the hub.
    ///   - interval: the time between two writes of a connected session.
    init(of host: String, interval: Duration) {
        self.host = host
        self.interval = interval
    }

    /// How much earlier than expected a value may be gone. It is less for values with a short life, or each of them
    /// could be gone at any time, and would never say that another host has taken the session.
    var tolerance: Duration { min(Self.maxTolerance, interval / 2) }

    /// True if something waits to be sent.
    var hasWork: Bool { !changed.isEmpty || !removals.isEmpty || !refusedRemovals.isEmpty }

    /// The number of sessions whose value is known, or is to be written.
    var count: Int { records.count }

    /// The number of sessions that wait to be written, with some that are gone.
    var waitingCount: Int { changed.count }

    /// A session was added or changed.
    mutating func note(_ id: SessionID, _ privateID: SessionID) {
        if records[id]?.privateID != privateID {
            forget(id)
            records[id] = Record(privateID, of: host)
        }
        markChanged(id)
    }

    mutating func markChanged(_ id: SessionID) {
        guard let record = records[id], !record.isChanged else { return }
        records[id]?.isChanged = true
        if record.writing == nil { changed.append(id) }
        // During an outage, sessions come and go.
        guard changed.count > 2 * records.count + 64 else { return }
        let records = records
        changed.removeAll { records[$0]?.isChanged != true }
    }

    /// This host has taken a session from the broker, and has it now.
    /// - Parameter end: the broker keeps the copy at least until then.
    mutating func took(_ id: SessionID, _ privateID: SessionID, copiedUntil end: ContinuousClock.Instant) {
        var record = Record(privateID, of: host)
        record.isCopy = true
        record.expect([])
        record.expiry = end
        records[id] = record
    }

    /// The next command, if one can be sent now.
    /// - Parameters:
    ///   - number: the number that the command will have.
    ///   - held: sessions that are on their way to another host, and must not be written.
    ///   - value: returns what is written of a session; nil if it is gone.
    mutating func next(
        as number: UInt64, at now: ContinuousClock.Instant, holding held: Set<SessionID>,
        value: (SessionID) -> Value?
    ) -> SessionCommand? {
        if let pauseEnd, now < pauseEnd { return nil }
        takeDue(at: now)
        guard open.count < Self.maxOpen, openBytes < Self.maxOpenBytes else { return nil }
        if let command = nextRemoval(as: number, at: now) ?? nextRefusedRemoval(as: number, at: now) { return command }
        for _ in 0..<changed.count {
            guard let id = changed.removeFirst(), let record = records[id], record.isChanged, record.writing == nil
            else {
                continue
            }
            guard !held.contains(id) else {
                changed.append(id)
                continue
            }
            records[id]?.isChanged = false
            guard let value = value(id) else { continue }
            guard value.bytes.count <= Self.maxValue else {
                // An older value must not be taken for the present one. It may be on its way when the session ends.
                remove(id, hasEnded: false)
                records[id] = Record(record.privateID, of: host)
                records[id]?.expect(record.expected.digests, mayBeAbsent: true)
                continue
            }
            return write(id, record, value, as: number, at: now)
        }
        return nil
    }

    private mutating func write(
        _ id: SessionID, _ record: Record, _ value: Value, as number: UInt64, at now: ContinuousClock.Instant
    ) -> SessionCommand {
        let digest = SessionDigest(of: value.bytes)
        let expected = self.expected(record.expected, expiringAt: record.expiry, at: now)
        records[id]?.writing = number
        records[id]?.refresh = nil
        records[id]?.releasedAs = nil
        expect(digest, of: id)
        return add(
            .write(id, digest, value, sentAt: now),
            SessionCommand(.write(record.privateID, value.bytes, over: expected, life: value.life)), as: number)
    }

    mutating func expect(_ digest: SessionDigest, of id: SessionID) {
        records[id]?.expected.digests.append(digest)
        if let count = records[id]?.expected.digests.count, count > Self.maxDigests {
            records[id]?.expected.digests.removeFirst()
        }
    }

    /// What a key must have. After its expiry, the value may be gone although nobody has taken it.
    func expected(
        _ expected: ExpectedValue, expiringAt expiry: ContinuousClock.Instant?, at now: ContinuousClock.Instant
    ) -> ExpectedValue {
        var expected = expected
        if let expiry, now >= expiry - tolerance { expected.mayBeAbsent = true }
        return expected
    }

    /// What a key must have behind the commands that are on their way. A value that is on its way is there then, unless
    /// it was taken at once, or the broker has refused it, which its answer tells before.
    func expectedNext(_ id: SessionID, at now: ContinuousClock.Instant) -> ExpectedValue {
        guard let record = records[id] else { return ExpectedValue(of: host) }
        var expected = expected(record.expected, expiringAt: record.expiry, at: now)
        if record.writing != nil { expected.mayBeAbsent = false }
        return expected
    }

    mutating func add(_ purpose: Purpose, _ command: SessionCommand, as number: UInt64) -> SessionCommand {
        open[number] = (purpose, command.byteCount)
        openBytes += command.byteCount
        return command
    }

    /// The command that finds out whether another host has taken a session, before its client gets it. The answer is an
    /// ``Outcome/checked(claim:)``, ``Outcome/taken(_:claim:)`` or ``Outcome/expired(_:claim:)``.
    mutating func check(
        _ id: SessionID, _ privateID: SessionID, for claim: UInt64, as number: UInt64, at now: ContinuousClock.Instant
    ) -> SessionCommand {
        return add(.check(id, claim: claim), SessionCommand(.check(privateID, expectedNext(id, at: now))), as: number)
    }

    /// Marks the sessions that are to be written again at this time.
    private mutating func takeDue(at now: ContinuousClock.Instant) {
        while let first = doubts.first, first.time <= now {
            _ = doubts.removeFirst()
            if records[first.id]?.missingSince != nil { markChanged(first.id) }
        }
        while let first = refreshes.first, first.time <= now {
            _ = refreshes.removeFirst()
            records[first.id]?.awaitsRefresh = false
            guard let refresh = records[first.id]?.refresh else { continue }
            if refresh <= now { markChanged(first.id) } else { awaitRefresh(first.id, refresh) }
        }
    }

    /// The time may be before that of the last one in the queue. Then it is late by an interval at most, and the value
    /// still there.
    mutating func awaitRefresh(_ id: SessionID, _ time: ContinuousClock.Instant) {
        guard records[id]?.awaitsRefresh == false else { return }
        records[id]?.awaitsRefresh = true
        refreshes.append((id, time))
    }
}
