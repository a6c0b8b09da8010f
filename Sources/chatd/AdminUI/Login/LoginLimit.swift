/// Limits the failed logins of each address. An attempt counts as failed until it has succeeded.
///
/// The memory is bounded: above ``capacity`` addresses, further ones share one allowance.
struct LoginLimit {
    /// The failures that an address may have within ``window``.
    static let maxFailures = 5
    static let window = Duration.seconds(60)
    static let capacity = 10_000
    /// The most attempts of other workers that are remembered of an address.
    private static let maxNoted = 64
    /// Stands for the addresses without an allowance of their own.
    private static let others = "others"

    /// The times of the latest attempts, oldest first.
    private var attempts: [String: [ContinuousClock.Instant]] = [:]

    var count: Int { attempts.count }

    /// Counts an attempt.
    /// - Returns: false if the address has too many failures; then the attempt does not count.
    mutating func begin(_ address: String, at now: ContinuousClock.Instant) -> Bool {
        let key = key(of: address, at: now)
        guard recent(key, at: now).count < Self.maxFailures else { return false }
        attempts[key] = recent(key, at: now) + [now]
        return true
    }

    /// True if the address has not had too many attempts, also of other workers.
    func admits(_ address: String, at now: ContinuousClock.Instant) -> Bool {
        recent(attempts[address] == nil ? Self.others : address, at: now).count <= Self.maxFailures
    }

    /// Counts an attempt that another worker has allowed.
    mutating func note(_ address: String, at now: ContinuousClock.Instant) {
        let key = key(of: address, at: now)
        attempts[key] = (recent(key, at: now) + [now]).suffix(Self.maxNoted)
    }

    /// Forgets the latest attempt of an address, which has succeeded.
    mutating func succeed(_ address: String) {
        let key = attempts[address] == nil ? Self.others : address
        guard var times = attempts[key] else { return }
        times.removeLast()
        attempts[key] = times.isEmpty ? nil : times
    }

    private func recent(_ key: String, at now: ContinuousClock.Instant) -> [ContinuousClock.Instant] {
        (attempts[key] ?? []).filter { now - $0 < Self.window }
    }

    private mutating func key(of address: String, at now: ContinuousClock.Instant) -> String {
        guard attempts[address] == nil, attempts.count >= Self.capacity else { return address }
        attempts = attempts.filter { entry in entry.value.contains { now - $0 < Self.window } }
        return attempts.count < Self.capacity ? address : Self.others
    }
}
