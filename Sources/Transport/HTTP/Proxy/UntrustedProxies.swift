/// Notices peers that forward the requests of several clients, although they are not trusted: an operator may have
/// forgotten them. All their clients count as one.
struct UntrustedProxies {
    /// The largest number of peers that are watched at once.
    static let capacity = 64
    /// The largest number of peers that are reported. Any client can send the header.
    static let maxReports = 8
    private static let maxValue = 256

    /// The first value of each peer.
    private var values: [String: [UInt8]] = [:]
    private var reports = LimitedReports(limit: maxReports)
    private var isDone = false

    /// Records the value of a request's `X-Forwarded-For`.
    /// - Returns: whether to report the peer.
    mutating func note(_ head: HTTPRequestHead, from peer: String) -> LimitedReports.Occurrence {
        guard !isDone, let value = head.headers.rawValues(of: "X-Forwarded-For").last else { return .known }
        let start = Array(value.prefix(Self.maxValue))
        guard let first = values[peer] else {
            // A real proxy is back at once.
            if values.count >= Self.capacity { values = [:] }
            values[peer] = start
            return .known
        }
        guard first != start else { return .known }
        let occurrence = reports.record(peer)
        if occurrence == .last { (values, isDone) = ([:], true) }
        return occurrence
    }
}
