/// The reason why the bytes of a service are no response.
package enum HTTPResponseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The first line is not `HTTP/1.x STATUS …`, or is too long.
    case statusLine
    /// 101, or more interim responses than ``HTTPResponseParser/maxInterim``.
    case interim
    /// A malformed or too large part after the first line.
    case malformed(HTTPParserError)
    /// The connection has ended before the response was complete.
    case incomplete

    package var description: String {
        switch self {
        case .statusLine: "the response does not begin like one of HTTP/1.1"
        case .interim: "the response is an upgrade, or has too many interim responses before it"
        case .malformed(let error): "the response is malformed: \(error)"
        case .incomplete: "the response is not complete"
        }
    }
}
