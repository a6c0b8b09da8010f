/// A request that an Engine.IO server refused (`connection_error` of the official server).
public struct RefusedEngineRequest: Sendable {
    /// The circumstances of a refusal. Texts from the client are visible ASCII of at most 256 bytes.
    public enum Context: Sendable, Equatable {
        /// The request names no transport, or one that does not exist or is not allowed.
        case transport(String?)
        /// The `Origin` header has a control character or a byte that is not ASCII.
        case invalidOrigin
        /// The ``OriginPolicy`` does not allow this origin.
        case origin(String)
        /// No session has this id.
        case sessionID(String)
        /// The request names a session, and an upgrade does not match its transport or is not allowed.
        case transportMismatch
        /// A request that opens a session has this method in place of GET.
        case method(String)
        /// The transport is `websocket`, and the request is no WebSocket handshake, or the reverse.
        case webSocketHandshake
        /// The request asks for this revision of the protocol.
        case protocolVersion(String?)
        /// The session cannot be served with this method or content type.
        case unsupportedRequest
        /// A hook refused the request.
        case hook
        /// A hook failed with this error.
        case hookFailed(String)
        /// Asynchronous hooks took longer than ``EngineOptions/hookTimeout``.
        case hookTimeout
        /// The client's address has reached this limit.
        case limit(ReachedLimit)
        /// The server began to close while hooks checked the request.
        case closing
        /// The application's session id belongs to an open session.
        case usedSessionID(SessionID)
    }

    /// The error, with the code that the client gets.
    public let error: EngineError
    /// The message that the client gets.
    public let message: String
    /// The request.
    public let request: EngineRequest
    /// The circumstances.
    public let context: Context
}

extension RefusedEngineRequest.Context: CustomStringConvertible {
    /// The circumstances in a few words, for a line of a log.
    public var description: String {
        switch self {
        case .transport(let name): name.map { "transport \($0)" } ?? "no transport"
        case .invalidOrigin: "malformed origin"
        case .origin(let origin): "origin \(origin)"
        case .sessionID(let id): "session \(id)"
        case .transportMismatch: "not the transport of the session"
        case .method(let method): "method \(method)"
        case .webSocketHandshake: "transport and WebSocket handshake do not match"
        case .protocolVersion(let version): version.map { "protocol version \($0)" } ?? "no protocol version"
        case .unsupportedRequest: "method or content type not supported"
        case .hook: "hook"
        case .hookFailed(let error): "failed hook: \(error)"
        case .hookTimeout: "hooks took too long"
        case .limit(let limit): "limit of \(limit)"
        case .closing: "server closes"
        case .usedSessionID: "session id in use"
        }
    }
}

extension RefusedEngineRequest: CustomStringConvertible {
    /// A single line without the request's own text, except for ``context``.
    public var description: String {
        "refused a request from \(request.address): \(LimitedReports.printable(message)) "
            + "(code \(error.rawValue), \(context))"
    }
}
