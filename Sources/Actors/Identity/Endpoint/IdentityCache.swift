/// The answers that the operator's endpoint allows to remember, by their questions. The least recently used ones are
/// evicted. A value without a clock.
struct IdentityCache {
    private struct Entry {
        let verdict: IdentityVerdict
        let byteCount: Int
        let expires: ContinuousClock.Instant
        /// The number of the entry's last use.
        var use: UInt64
    }

    /// The largest number of answers, and the memory in bytes that they may take.
    static let limits = (count: 10_000, bytes: 16 << 20)
    /// The memory of an entry beyond its answer, in bytes: an estimate.
    private static let overhead = 256

    private let maxCount: Int
    private let maxBytes: Int
    private var entries: [IdentityQuestion.Key: Entry] = [:]
    /// The uses in their order. Only an entry's last use counts.
    private var uses = Queue<(key: IdentityQuestion.Key, use: UInt64)>()
    private var lastUse: UInt64 = 0
    private(set) var byteCount = 0

    init(maxCount: Int = Self.limits.count, maxBytes: Int = Self.limits.bytes) {
        self.maxCount = maxCount
        self.maxBytes = maxBytes
    }

    var count: Int { entries.count }

    mutating func verdict(for key: IdentityQuestion.Key, at now: ContinuousClock.Instant) -> IdentityVerdict? {
        guard let entry = entries[key] else { return nil }
        guard now < entry.expires else {
            remove(key)
            return nil
        }
        noteUse(of: key)
        return entry.verdict
    }

    /// Remembers an answer that has a lifetime.
    mutating func insert(_ answer: IdentityAnswer, for key: IdentityQuestion.Key, at now: ContinuousClock.Instant) {
        remove(key)
        let size = answer.byteCount + Self.overhead
        guard answer.lifetime > .zero, size <= maxBytes else { return }
        entries[key] = Entry(
            verdict: answer.verdict, byteCount: size, expires: now + answer.lifetime, use: 0)
        byteCount += size
        noteUse(of: key)
        while entries.count > maxCount || byteCount > maxBytes { evictOne() }
    }

    private mutating func remove(_ key: IdentityQuestion.Key) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        byteCount -= entry.byteCount
    }

    private mutating func noteUse(of key: IdentityQuestion.Key) {
        lastUse += 1
        entries[key]?.use = lastUse
        uses.append((key, lastUse))
        // At most every second use is an old one, so that the queue stays small and each use costs little.
        guard uses.count > 2 * entries.count + 16 else { return }
        var last = Queue<(key: IdentityQuestion.Key, use: UInt64)>()
        while let next = uses.removeFirst() {
            if entries[next.key]?.use == next.use { last.append(next) }
        }
        uses = last
    }

    private mutating func evictOne() {
        while let oldest = uses.removeFirst() {
            guard entries[oldest.key]?.use == oldest.use else { continue }
            return remove(oldest.key)
        }
    }
}
