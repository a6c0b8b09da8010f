/// The error that a hook throws to refuse a request.
public struct EngineRefusal: Error, Sendable, CustomStringConvertible {
    /// The reason, as the report has it.
    public let description: String
    /// The answer in place of Engine.IO's own error.
    let response: HTTPResponse?
    /// False if the hook counts its refusals itself.
    let isCounted: Bool

    /// Refuses the request with 403 and Engine.IO's error 4, as the official server does.
    /// - Parameter message: the message of the error, which the client gets.
    public init(_ message: String) {
        self.init(message, isCounted: true)
    }

    /// Refuses the request like ``init(_:)``.
    /// - Parameter isCounted: false if the hook counts its refusals itself.
    package init(_ message: String, isCounted: Bool) {
        description = message
        response = nil
        self.isCounted = isCounted
    }

    /// Answers the request in place of the server, like an Express middleware that does not call `next`.
    public init(response: HTTPResponse) {
        description = "answered with \(response.status.code)"
        self.response = response
        isCounted = true
    }
}
