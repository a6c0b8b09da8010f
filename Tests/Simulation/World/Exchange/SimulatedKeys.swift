import Cluster
import Transport

/// The sessions that a broker keeps, each as a value at a key for a time, and the commands about them, as the scripts
/// for a Redis server carry them out.
struct SimulatedKeys {
    struct Value {
        let bytes: [UInt8]
        /// The time at which it expires, since the start of the run.
        let end: Duration
        let digest: SessionDigest
    }

    /// What a key had before it was changed.
    private struct Change {
        let key: SessionID
        let old: Value?
        /// The last entry of the stream at that time.
        let entry: EntryID
    }

    /// By the secrets of the clients.
    private var values: [SessionID: Value] = [:]
    /// All changes, oldest first.
    private var changes: [Change] = []

    /// The value of a key; nil for none.
    func value(of key: SessionID, at now: Duration) -> Value? {
        values[key].flatMap { now < $0.end ? $0 : nil }
    }

    /// Carries a command out.
    /// - Parameter entry: the last entry of the stream.
    /// - Returns: nil for a command about something else.
    mutating func carryOut(_ command: SessionCommand, after entry: EntryID, at now: Duration) -> SessionAnswer? {
        switch command.content {
        case .write(let key, let bytes, let expected, let life):
            return ifOwn(key, expected, at: now) {
                $0.set(key, Value(bytes: bytes, end: now + life, digest: SessionDigest(of: bytes)), after: entry)
            }
        case .check(let key, let expected): return ifOwn(key, expected, at: now) { _ in }
        case .remove(let key, let expected):
            return ifOwn(key, expected, at: now) { $0.set(key, nil, after: entry) }
        case .take(let key):
            let value = value(of: key, at: now)
            if value != nil { set(key, nil, after: entry) }
            return SessionAnswer(.value(value?.bytes))
        case .read: return nil
        }
    }

    private mutating func ifOwn(
        _ key: SessionID, _ expected: ExpectedValue, at now: Duration, _ work: (inout SimulatedKeys) -> Void
    ) -> SessionAnswer {
        let value = value(of: key, at: now)
        guard value.map({ expected.digests.contains($0.digest) }) ?? expected.mayBeAbsent else {
            return SessionAnswer(value.map { .other($0.bytes) } ?? .absent)
        }
        work(&self)
        return SessionAnswer(.done)
    }

    private mutating func set(_ key: SessionID, _ value: Value?, after entry: EntryID) {
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
            keys.append(last.key)
            changes.removeLast()
        }
        return keys
    }

    /// The server starts again without data.
    /// - Returns: the keys that had a value.
    mutating func removeAll() -> [SessionID] {
        defer { (values, changes) = ([:], []) }
        return values.keys.sorted { $0.description < $1.description }
    }
}
