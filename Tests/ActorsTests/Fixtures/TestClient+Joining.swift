import Testing

extension TestClient {
    /// Joins a namespace.
    /// - Returns: The id of the socket.
    @discardableResult
    func join(_ namespace: String = "", auth: String = "") async throws -> String {
        send("0" + (namespace.isEmpty ? "" : namespace + ",") + auth)
        let reply = try await next()
        let prefix = "40" + (namespace.isEmpty ? "" : namespace + ",") + #"{"sid":""#
        try #require(reply.hasPrefix(prefix) && reply.hasSuffix(#""}"#), "\(reply)")
        return String(reply.dropFirst(prefix.count).dropLast(2))
    }
}
