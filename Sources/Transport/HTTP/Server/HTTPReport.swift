/// A rejection that an operator can fix. Its texts are visible ASCII of at most 256 bytes.
public enum HTTPReport: Sendable, Equatable {
    /// The ``OriginPolicy`` does not allow the page that made a request. Reported once for each origin.
    /// - Parameters:
    ///   - host: the host that the request named; nil if it named none.
    ///   - isLast: true if the limit of reports is reached, and no other origin will be reported.
    case originRefused(_ origin: String, host: String?, isLast: Bool)
    /// The ``HostPolicy`` does not allow the host that a request named. Reported once for each host.
    /// - Parameter isLast: true if the limit of reports is reached, and no other host will be reported.
    case hostRefused(_ host: String, isLast: Bool)
}
