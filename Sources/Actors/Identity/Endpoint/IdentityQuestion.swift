import Persistence
import Transport

/// What the operator's endpoint is asked: who is this client?
struct IdentityQuestion: Sendable {
    /// Two questions with the same key are equal to the last byte, so they have the same answer.
    typealias Key = [UInt8]

    /// The JSON object that the endpoint gets.
    let body: [UInt8]
    let key: Key

    /// The members of `auth` that are no part of the question: the secret and the place of an earlier session, and the
    /// place in the history. They change with each connect.
    private static let privateMembers: Set<String> = ["pid", "offset", "serverOffset", "latest", "token"]
    /// Headers of the connection between the client and this server (RFC 9110, section 7.6.1), in lower case.
    private static let connectionHeaders: Set<String> = [
        "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// - Parameter namespace: the name of the namespace that the client wants to join.
    init(_ handshake: Handshake, namespace: String) {
        let auth = handshake.auth?.members?.filter { !Self.privateMembers.contains($0.name) } ?? []
        let token = handshake.auth?["token"] ?? .null
        body = Array(
            JSONText(object: [
                ("token", token), ("auth", JSONText(object: auth.map { ($0.name, $0.value) })),
                ("address", JSONText(string: handshake.address)), ("namespace", JSONText(string: namespace)),
                ("headers", Self.headers(handshake.headers)),
            ]).utf8)
        key = SHA256.digest(body)
    }

    /// The headers by their names in lower case.
    private static func headers(_ headers: HTTPHeaders) -> JSONText {
        var ofConnection: Set<String> = []
        for value in headers.values(of: "Connection") {
            for name in value.lowercased().split(separator: ",") {
                ofConnection.insert(name.filter { $0 != " " && $0 != "\t" })
            }
        }
        var names: [String] = []
        for (name, _) in headers {
            let name = name.lowercased()
            guard !connectionHeaders.contains(name), !name.hasPrefix("sec-websocket-"), !ofConnection.contains(name),
                !names.contains(name)
            else { continue }
            names.append(name)
        }
        return JSONText(object: names.map { ($0, JSONText(string: headers[$0] ?? "")) })
    }
}
