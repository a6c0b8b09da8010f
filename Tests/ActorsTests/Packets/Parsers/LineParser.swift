import Cluster

/// A parser as an application would write it. Each packet is one text: the number of its type, its namespace, its
/// acknowledgement id or a hyphen, and its payload, separated by spaces. It has no binary data.
struct LineParser: PacketParser {
    struct Invalid: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Called for each packet that is encoded.
    var encoded: @Sendable () -> Void = {}

    func encode(_ packet: Packet) throws -> [EngineMessage] {
        encoded()
        guard packet.attachments.isEmpty else { throw Invalid(description: "no binary data in lines") }
        let id = packet.acknowledgementID.map { "\($0)" } ?? "-"
        return [.text("\(packet.type.rawValue) \(packet.namespace) \(id) \(packet.payload?.description ?? "")")]
    }

    func makeDecoder() -> any PacketDecoding { Decoder() }

    struct Decoder: PacketDecoding {
        mutating func receive(_ message: EngineMessage) throws -> Packet? {
            guard case .text(let line) = message else { throw Invalid(description: "a binary message") }
            let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, let number = UInt8(parts[0]), let type = PacketType(rawValue: number) else {
                throw Invalid(description: "not a line: \(line)")
            }
            return try Packet(
                type, payload: parts[3].isEmpty ? nil : JSONText(validating: Array(parts[3].utf8)),
                acknowledgementID: UInt64(parts[2]), namespace: String(parts[1]))
        }
    }
}
