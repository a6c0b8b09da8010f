import Cluster
import Transport

/// The sessions that a broker keeps, each as a value at a key for a time, and the commands about them, as the scripts
/// for a Redis server carry them out.
struct SimulatedKeys {
    /// A session's key, or that of the copy of its value that was taken.
    private struct Key: Hashable {
        /// The secret of the client.
        let secret: SessionID
        var isCopy = false
    }

    struct Value {
        let bytes: [UInt8]
        /// The time at which it expires, since the start of the run.
        let end: Duration
        let digest: SessionDigest
        /// With which token it was taken, if it is a copy.
        var token: String?
    }

    /// What a key had before it was changed.
    private struct Change {
        let key: Key
        let old: Value?
        /// The last entry of the stream at that time.
        let entry: EntryID
    }

    private var values: [Key: Value] = [:]
    /// All changes, oldest first.
    private var changes: [Change] = []

    /// The value of a session's key; nil for none.
    func value(of secret: SessionID, at now: Duration) -> Value? { value(of: Key(secret: secret), at: now) }

    private func value(of key: Key, at now: Duration) -> Value? { values[key].flatMap { now < $0.end ? $0 : nil } }

    /// Carries a command out.
    /// - Parameter entry: the last entry of the stream.
    /// - Returns: nil for a command about something else.
    mutating func carryOut(_ command: SessionCommand, after entry: EntryID, at now: Duration) -> SessionAnswer? {
        switch command.content {
        case .write(let secret, let bytes, let expected, let life):
            return ifOwn(secret, expected, after: entry, at: now) {
                $0.set($1, Value(bytes: bytes, end: now + life, digest: SessionDigest(of: bytes)), after: entry)
            }
        case .check(let secret, let expected): return ifOwn(secret, expected, after: entry, at: now) { _, _ in }
        case .remove(let secret, let expected):
            return ifOwn(secret, expected, after: entry, at: now) { $0.set($1, nil, after: entry) }
        case .take(let secret, let token, let life):
            return SessionAnswer(.value(take(secret, token, copyLife: life, after: entry, at: now)))
        case .read: return nil
        }
    }

    private mutating func take(
        _ secret: SessionID, _ token: String, copyLife: Duration, after entry: EntryID, at now: Duration
    ) -> [UInt8]? {
        let (key, copy) = (Key(secret: secret), Key(secret: secret, isCopy: true))
        guard var value = value(of: key, at: now) else {
            return value(of: copy, at: now).flatMap { $0.token == token ? $0.bytes : nil }
        }
        value = Value(bytes: value.bytes, end: now + copyLife, digest: value.digest, token: token)
        set(key, nil, after: entry)
        set(copy, value, after: entry)
        return value.bytes
    }

    /// Does something if the value is the host's own. The host then has the session, so the copy of a value that is
    /// gone is removed.
    private mutating func ifOwn(
        _ secret: SessionID, _ expected: ExpectedValue, after entry: EntryID, at now: Duration,
        _ work: (inout SimulatedKeys, Key) -> Void
    ) -> SessionAnswer {
        let (key, copy) = (Key(secret: secret), Key(secret: secret, isCopy: true))
        let value = value(of: key, at: now)
        guard value.map({ expected.digests.contains($0.digest) }) ?? expected.mayBeAbsent else {
            return SessionAnswer(value.map { .other($0.bytes) } ?? .absent)
        }
        work(&self, key)
        if value == nil, values[copy] != nil { set(copy, nil, after: entry) }
        return SessionAnswer(.done)
    }

    private mutating func set(_ key: Key, _ value: Value?, after entry: EntryID) {
        changes.append(Change(key: key, old: values[key], entry: entry))
        values[key] = value
    }

    /// The server starts again without its latest changes.
    /// - Parameters:
    ///   - entry: the last entry that it still has. Changes behind a lost one are lost too.
    ///   - count: how many of the changes that follow this entry are lost too.
    /// - Returns: the keys that have another value than before.
    mutating func restart(after entry: EntryID, losing count: Int) -> [SessionID] {
        var keys: [SessionID] = []
        var rest = count
        while let last = changes.last, last.entry > entry || last.entry == entry && rest > 0 {
            if last.entry == entry { rest -= 1 }
            values[last.key] = last.old
            keys.append(last.key.secret)
            changes.removeLast()
        }
        return keys
    }

    /// The server starts again without data.
    /// - Returns: the keys that had a value.
    mutating func removeAll() -> [SessionID] {
        defer { (values, changes) = ([:], []) }
        return values.keys.map(\.secret).sorted { $0.description < $1.description }
    }
}
