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
        /// The host that has taken it, if it is a copy; empty if the session has ended.
        var host: String?
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
            let value = Value(bytes: bytes, end: now + life, digest: SessionDigest(of: bytes))
            return refusal(secret, expected, at: now) ?? replace(secret, with: value, after: entry)
        case .check(let secret, let expected):
            return refusal(secret, expected, at: now) ?? SessionAnswer(.done)
        case .remove(let secret, let expected):
            return refusal(secret, expected, at: now) ?? replace(secret, with: nil, after: entry)
        case .end(let secret, let expected, let time):
            if let refusal = refusal(secret, expected, at: now) { return refusal }
            let mark = Value(bytes: [], end: now + time, digest: SessionDigest(of: []), host: "")
            set(Key(secret: secret), nil, after: entry)
            set(Key(secret: secret, isCopy: true), mark, after: entry)
            return SessionAnswer(.done)
        case .take(let secret, let host, let life):
            return SessionAnswer(.value(take(secret, by: host, copyLife: life, after: entry, at: now)))
        case .read: return nil
        }
    }

    private mutating func take(
        _ secret: SessionID, by host: String, copyLife: Duration, after entry: EntryID, at now: Duration
    ) -> [UInt8]? {
        let (key, copy) = (Key(secret: secret), Key(secret: secret, isCopy: true))
        let present = value(of: key, at: now)
        guard let value = present ?? value(of: copy, at: now), !value.bytes.isEmpty else { return nil }
        if present != nil { set(key, nil, after: entry) }
        let end = max(value.end, now + copyLife)
        set(copy, Value(bytes: value.bytes, end: end, digest: value.digest, host: host), after: entry)
        return value.bytes
    }

    /// The answer to a host that does not have the session; nil if it has.
    private func refusal(_ secret: SessionID, _ expected: ExpectedValue, at now: Duration) -> SessionAnswer? {
        guard let value = value(of: secret, at: now) else {
            let copy = value(of: Key(secret: secret, isCopy: true), at: now)
            if let copy { return copy.host == expected.host ? nil : SessionAnswer(.taken) }
            return expected.mayBeAbsent ? nil : SessionAnswer(.absent)
        }
        return expected.digests.contains(value.digest) ? nil : SessionAnswer(.other(value.bytes))
    }

    /// Changes the value of a host's own session, of which no copy remains.
    private mutating func replace(_ secret: SessionID, with value: Value?, after entry: EntryID) -> SessionAnswer {
        let copy = Key(secret: secret, isCopy: true)
        set(Key(secret: secret), value, after: entry)
        if values[copy] != nil { set(copy, nil, after: entry) }
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
