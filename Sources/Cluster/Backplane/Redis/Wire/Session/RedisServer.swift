/// What a server tells about itself when a session starts.
package struct RedisServer: Equatable, Sendable {
    package enum Mode: String, Sendable {
        case standalone = "standalone"
        case sentinel = "sentinel"
        case cluster = "cluster"
    }

    package enum Role: String, Sendable {
        case master = "master"
        /// A server that accepts no writes.
        case replica = "replica"
    }

    /// For example `7.0.15`; nil if the server does not tell.
    package let version: String?
    /// Nil if the server does not tell.
    package let mode: Mode?
    /// Nil for a Sentinel, or if the server does not tell.
    package let role: Role?
    package let protocolVersion: RedisProtocolVersion

    package init(version: String?, mode: Mode?, role: Role?, protocolVersion: RedisProtocolVersion) {
        self.version = version
        self.mode = mode
        self.role = role
        self.protocolVersion = protocolVersion
    }

    /// Parses the answer to HELLO: names and values in alternation.
    /// - Returns: nil if the server does not confirm the version of the protocol.
    init?(hello answer: RESPValue, protocolVersion: RedisProtocolVersion) {
        let fields: [RESPValue]
        switch answer {
        case .array(let elements), .map(let elements): fields = elements
        default: return nil
        }
        var facts: [String: RESPValue] = [:]
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            if let name = fields[index].text { facts[name] = fields[index + 1] }
        }
        guard facts["proto"] == .integer(Int64(protocolVersion.rawValue)) else { return nil }
        self.init(
            version: facts["version"]?.text, mode: facts["mode"]?.text.flatMap(Mode.init),
            role: facts["role"]?.text.flatMap(Role.init), protocolVersion: protocolVersion)
    }

    /// Parses the answer to INFO, lines of the form `NAME:VALUE`, for a server that does not know HELLO. An error tells
    /// nothing.
    init(info answer: RESPValue) {
        var facts: [Substring: Substring] = [:]
        for line in (answer.text ?? "").split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            facts[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.init(
            version: facts["redis_version"].map(String.init),
            mode: facts["redis_mode"].flatMap { Mode(rawValue: String($0)) },
            role: facts["role"] == "slave" ? .replica : facts["role"] == "master" ? .master : nil,
            protocolVersion: .resp2)
    }
}
