import Transport

/// Whether a server may take traffic. The raw value is the body of the answer to `/readyz`.
package enum ServerReadiness: String, Sendable {
    case ok
    /// It does not accept connections yet.
    case starting
    /// It stops, and sends its clients away.
    case draining
    /// The store takes no messages.
    case store
    /// No worker accepts connections.
    case workers

    /// The answer to `/readyz`.
    package var response: HTTPResponse {
        .probe(self == .ok ? .ok : .serviceUnavailable, rawValue)
    }
}

extension HTTPResponse {
    /// The answer to a health check.
    package static func probe(_ status: HTTPStatus, _ word: String) -> HTTPResponse {
        var response = HTTPResponse.text(status, word)
        response.headers.append(("Cache-Control", "no-store"))
        return response
    }
}
