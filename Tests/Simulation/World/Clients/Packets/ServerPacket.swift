import Actors
import Transport

/// A packet from the server, decoded by a client.
struct ServerPacket {
    enum Content {
        case connected(SessionID, privateID: SessionID)
        /// A connect error: the server refuses the client in the namespace.
        case refused(message: String?)
        case event(name: String, arguments: [Argument], acknowledgement: Int?)
        case acknowledgement(Int, [Argument])
        case disconnect
    }

    let namespace: String
    let content: Content
}

/// Assembles packets and their attachments.
struct ServerPacketReader {
    enum Outcome {
        case packet(ServerPacket)
        /// The packet still lacks attachments.
        case incomplete
        /// The packet is invalid or out of order.
        case malformed
    }

    /// A packet without its attachments.
    private struct Head {
        var type = 0
        var attachmentCount = 0
        var namespace = "/"
        var number: Int?
        var body: ArraySlice<UInt8> = []
    }

    private var open: (head: Head, attachments: [[UInt8]])?

    mutating func read(_ packet: EnginePacket) -> Outcome {
        switch packet {
        case .text(let text):
            guard open == nil, let head = Self.head(of: text) else { return .malformed }
            guard head.attachmentCount > 0 else { return Self.packet(head, []) }
            open = (head, [])
            return .incomplete
        case .binary(let bytes):
            guard let head = open?.head, var attachments = open?.attachments else { return .malformed }
            attachments.append(bytes)
            open = attachments.count < head.attachmentCount ? (head, attachments) : nil
            return open == nil ? Self.packet(head, attachments) : .incomplete
        }
    }

    private static func head(of text: [UInt8]) -> Head? {
        var (head, rest) = (Head(), text.dropFirst())
        guard let type = rest.popFirst(), (0x30...0x36).contains(type) else { return nil }
        head.type = Int(type) - 0x30
        if head.type > 4 {
            guard let count = takeNumber(&rest), rest.popFirst() == UInt8(ascii: "-") else { return nil }
            head.attachmentCount = count
            head.type -= 3
        }
        if rest.first == UInt8(ascii: "/") {
            let name = rest.prefix { $0 != UInt8(ascii: ",") }
            head.namespace = String(decoding: name, as: UTF8.self)
            rest = rest.dropFirst(name.count + 1)
        }
        head.number = takeNumber(&rest)
        head.body = rest
        return head
    }

    private static func takeNumber(_ text: inout ArraySlice<UInt8>) -> Int? {
        let digits = text.prefix { (0x30...0x39).contains($0) }
        text = text.dropFirst(digits.count)
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func packet(_ head: Head, _ attachments: [[UInt8]]) -> Outcome {
        guard let content = content(of: head, attachments) else { return .malformed }
        return .packet(ServerPacket(namespace: head.namespace, content: content))
    }

    private static func content(of head: Head, _ attachments: [[UInt8]]) -> ServerPacket.Content? {
        if head.type == 1 { return head.body.isEmpty ? .disconnect : nil }
        guard let body = try? JSONText(validating: Array(head.body)) else { return nil }
        switch head.type {
        case 0:
            guard let id = body["sid"]?.string.flatMap({ SessionID($0) }),
                let privateID = body["pid"]?.string.flatMap({ SessionID($0) })
            else { return nil }
            return .connected(id, privateID: privateID)
        case 2:
            guard let arguments = arguments(in: body, attachments), case .json(let name)? = arguments.first,
                let name = name.string
            else { return nil }
            return .event(name: name, arguments: Array(arguments.dropFirst()), acknowledgement: head.number)
        case 3:
            guard let number = head.number, let arguments = arguments(in: body, attachments) else { return nil }
            return .acknowledgement(number, arguments)
        case 4: return .refused(message: body["message"]?.string)
        default: return nil
        }
    }

    /// - Returns: nil unless each attachment has exactly one placeholder.
    private static func arguments(in body: JSONText, _ attachments: [[UInt8]]) -> [Argument]? {
        guard let elements = body.elements else { return nil }
        guard !attachments.isEmpty else { return elements.map { .json($0) } }
        var placed = 0
        let arguments = elements.map { element -> Argument in
            guard let number = element["num"]?.integer, element["_placeholder"]?.bool == true,
                attachments.indices.contains(number)
            else { return .json(element) }
            placed += 1
            return .binary(attachments[number])
        }
        return placed == attachments.count ? arguments : nil
    }
}
