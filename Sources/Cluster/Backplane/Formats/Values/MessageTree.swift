import Actors

/// A message before it is encoded: the same tree becomes JSON or MessagePack. Only this server's code makes trees, so
/// their depth is fixed.
indirect enum MessageTree {
    /// An object. Members without a value are omitted.
    case object([(MessageKey, MessageTree?)])
    case list([MessageTree])
    case text(String)
    case number(Int)
    case flag(Bool)
    case value(MixedValue)

    static func texts(_ texts: [String]) -> MessageTree {
        .list(texts.map { .text($0) })
    }

    /// True if a value has binary data.
    var hasAttachments: Bool {
        switch self {
        case .object(let members): members.contains { $0.1?.hasAttachments ?? false }
        case .list(let elements): elements.contains(where: \.hasAttachments)
        case .text, .number, .flag: false
        case .value(let value): !value.attachments.isEmpty
        }
    }

    /// The tree as JSON. Binary data becomes objects, as in Node; see ``MixedValue/appendJSON(to:)``.
    var json: [UInt8] {
        var output: [UInt8] = []
        appendJSON(to: &output)
        return output
    }

    /// The tree as MessagePack.
    var messagePack: [UInt8] {
        var writer = MessagePackWriter()
        append(to: &writer)
        return writer.bytes
    }

    private func appendJSON(to output: inout [UInt8]) {
        switch self {
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, (key, value)) in Self.present(members).enumerated() {
                output.append(contentsOf: "\(index > 0 ? "," : "")\"\(key.rawValue)\":".utf8)
                value.appendJSON(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        case .list(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.appendJSON(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .text(let text): output.append(contentsOf: JSONText(string: text).utf8)
        case .number(let number): output.append(contentsOf: String(number).utf8)
        case .flag(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .value(let value): value.appendJSON(to: &output)
        }
    }

    private func append(to writer: inout MessagePackWriter) {
        switch self {
        case .object(let members):
            let members = Self.present(members)
            writer.appendMap(members.count)
            for (key, value) in members {
                writer.append(key.rawValue)
                value.append(to: &writer)
            }
        case .list(let elements):
            writer.appendArray(elements.count)
            for element in elements { element.append(to: &writer) }
        case .text(let text): writer.append(text)
        case .number(let number): writer.append(Int64(number))
        case .flag(let flag): writer.append(flag)
        case .value(let value): value.append(to: &writer)
        }
    }

    private static func present(_ members: [(MessageKey, MessageTree?)]) -> [(MessageKey, MessageTree)] {
        members.compactMap { key, value in value.map { (key, $0) } }
    }
}

/// A part of a message that can be written in both encodings.
protocol MessageTreeConvertible {
    var tree: MessageTree { get }
}
