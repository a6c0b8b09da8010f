import Transport

/// The hosts that do not answer questions for sessions. For a time, questions do not wait for them, or thousands of
/// clients would wait one after the other.
///
/// A value without I/O. Time is an argument.
struct SilentHosts {
    private struct Silence {
        let hosts: Int
        /// The number of other hosts at that time. If it changes, it is not known who is silent.
        let others: Int
        let end: ContinuousClock.Instant
    }

    /// How long silent hosts are not waited for.
    static let time = Duration.seconds(10)

    private var silences: [String: Silence] = [:]

    /// The number of hosts that are not waited for, of so many others.
    func count(of others: Int, in namespace: String) -> Int {
        silences[namespace].flatMap { $0.others == others ? $0.hosts : nil } ?? 0
    }

    /// So many hosts have not answered a question of the namespace in time.
    mutating func note(_ hosts: Int, of others: Int, in namespace: String, at now: ContinuousClock.Instant) {
        silences[namespace] = Silence(hosts: hosts, others: others, end: now + Self.time)
    }

    /// A host has answered that was silent, or may have been.
    mutating func heard(in namespace: String) {
        silences[namespace] = nil
    }

    /// Ends what has lasted long enough.
    mutating func expire(at now: ContinuousClock.Instant) {
        silences = silences.filter { now < $0.value.end }
    }
}
