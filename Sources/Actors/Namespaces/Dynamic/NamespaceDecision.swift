/// Decides whether a parent creates a namespace with this name for a client with this `auth`.
enum NamespaceDecision: Sendable {
    case immediate(@Sendable (String, JSONText?) throws -> Bool)
    case asynchronous(@Sendable (String, JSONText?) async throws -> Bool)
}
