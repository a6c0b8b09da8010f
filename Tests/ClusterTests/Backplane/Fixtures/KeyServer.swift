import Actors
import Transport

@testable import Cluster

/// What a broker keeps: the values of keys, and the messages of a stream.
struct KeyServer {
    private(set) var values: [SessionID: (bytes: [UInt8], expiry: ContinuousClock.Instant)] = [:]
    /// The copies of values that were taken and not written again, with their hosts.
    private(set) var copies: [SessionID: (host: String, bytes: [UInt8], expiry: ContinuousClock.Instant)] = [:]
    /// Until when sessions that have ended cannot be written.
    private var ends: [SessionID: ContinuousClock.Instant] = [:]
    private(set) var entries: [(id: EntryID, message: BackplaneMessage)] = []
    /// How many messages a page of the history has at most.
    var pageCount = 2
    /// The number of pages that were read.
    private(set) var readCount = 0

    /// The session at a key.
    func session(_ privateID: SessionID, at now: ContinuousClock.Instant) -> StreamSession? {
        guard let value = values[privateID], value.expiry > now else { return nil }
        return try? StreamSession(value.bytes)
    }

    mutating func append(_ message: BackplaneMessage, _ id: EntryID) {
        entries.append((id, message))
    }

    /// Removes the entries before this one.
    mutating func trim(before id: EntryID) {
        entries.removeAll { $0.id < id }
    }

    /// Takes a session like an official server.
    mutating func take(_ privateID: SessionID) -> [UInt8]? { values.removeValue(forKey: privateID)?.bytes }

    mutating func write(_ privateID: SessionID, _ bytes: [UInt8], until expiry: ContinuousClock.Instant) {
        values[privateID] = (bytes, expiry)
    }

    mutating func removeAllValues() {
        values = [:]
    }

    mutating func carryOut(_ command: SessionCommand, at now: ContinuousClock.Instant) -> SessionAnswer {
        values = values.filter { $0.value.expiry > now }
        copies = copies.filter { $0.value.expiry > now }
        ends = ends.filter { $0.value > now }
        switch command.content {
        case .write(let privateID, let value, let expected, let life):
            if let refusal = refusal(privateID, expected) { return refusal }
            return finish(privateID, newValue: (value, now + life))
        case .check(let privateID, let expected):
            return refusal(privateID, expected) ?? SessionAnswer(.done)
        case .remove(let privateID, let expected):
            return refusal(privateID, expected) ?? finish(privateID, newValue: nil)
        case .end(let privateID, let expected, let time):
            if let refusal = refusal(privateID, expected) { return refusal }
            ends[privateID] = now + time
            return finish(privateID, newValue: nil)
        case .take(let privateID, let host, let life):
            let expiry = values[privateID]?.expiry ?? copies[privateID]?.expiry ?? now
            guard let value = take(privateID) ?? copies[privateID]?.bytes else { return SessionAnswer(.value(nil)) }
            copies[privateID] = (host, value, max(expiry, now + life))
            ends[privateID] = nil
            return SessionAnswer(.value(value))
        case .read(let range):
            readCount += 1
            return SessionAnswer(.history(page(range)))
        }
    }

    private mutating func finish(
        _ privateID: SessionID, newValue: (bytes: [UInt8], expiry: ContinuousClock.Instant)?
    ) -> SessionAnswer {
        copies[privateID] = nil
        values[privateID] = newValue
        return SessionAnswer(.done)
    }

    private func refusal(_ privateID: SessionID, _ expected: ExpectedValue) -> SessionAnswer? {
        guard let value = values[privateID] else {
            if ends[privateID] != nil { return SessionAnswer(.taken) }
            if let copy = copies[privateID] { return copy.host == expected.host ? nil : SessionAnswer(.taken) }
            return expected.mayBeAbsent ? nil : SessionAnswer(.absent)
        }
        return expected.digests.contains(SessionDigest(of: value.bytes)) ? nil : SessionAnswer(.other(value.bytes))
    }

    private func page(_ range: HistoryRange) -> KeptHistoryPage? {
        guard entries.contains(where: { $0.id <= range.start }) else { return nil }
        let all = entries.filter { $0.id > range.start && $0.id <= range.end }
        let page = all.prefix(pageCount)
        return KeptHistoryPage(
            messages: page.filter { $0.message.namespace == range.namespace }.map { ($0.id, $0.message) },
            next: page.count < all.count ? page.last?.id : nil)
    }
}
