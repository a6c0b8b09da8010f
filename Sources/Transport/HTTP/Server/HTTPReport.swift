/// A refusal that an operator can mend. Texts are visible ASCII of at most 256 bytes.
public enum HTTPReport: Sendable, Equatable {
    /// A page of an origin that the ``OriginPolicy`` does not allow made a request. Once for each origin.
    /// - Parameters:
    ///   - host: the host that the request came to.
    ///   - isLast: so many origins were reported that no other will be.
    case originRefused(_ origin: String, host: String?, isLast: Bool)
    /// A request came for a host that the ``HostPolicy`` does not allow. Once for each host.
    /// - Parameter isLast: so many hosts were reported that no other will be.
    case hostRefused(_ host: String, isLast: Bool)
}
