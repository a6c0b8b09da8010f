import Actors
import TestSupport
import Testing

@testable import Cluster

/// Random messages, the same for the same seed.
struct FormatGenerator {
    private var random: SplitMix64
    /// False if values have no binary data.
    private let hasBinary: Bool

    init(seed: UInt64, hasBinary: Bool = true) {
        random = SplitMix64(seed: seed)
        self.hasBinary = hasBinary
    }

    mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    mutating func flag() -> Bool { Bool.random(using: &random) }

    mutating func clusterMessage() -> ClusterMessage {
        let namespace = "/" + text(from: ["a", "#", "é", "\u{0}", "🏠", "?"])
        return ClusterMessage(uid: text(), namespace: namespace, content: content(namespace), stamp: stamp())
    }

    private mutating func content(_ namespace: String) -> ClusterMessage.Content {
        switch number(below: 13) {
        case 0: .initialHeartbeat
        case 1: .heartbeat
        case 2: .close
        case 3: .join(selection(), rooms: texts())
        case 4: .leave(selection(), rooms: texts())
        case 5: .disconnect(selection(), close: flag())
        case 6: .fetch(selection(), requestID: text())
        case 7: .sockets(list { $0.socket() }, requestID: text())
        case 8: .serverEvent(serverEvent(namespace), requestID: maybe { $0.text() })
        case 9: .serverAnswer(value(), requestID: text())
        case 10: .clientCount(number(below: 1 << 31), requestID: text())
        case 11: .acknowledgement(value(), requestID: text())
        default: .broadcast(packet(), target(), requestID: maybe { $0.text() })
        }
    }

    mutating func classicBroadcast() -> ClassicBroadcast {
        ClassicBroadcast(uid: text(), namespace: "/" + text(), packet: packet(), target: target(), stamp: stamp())
    }

    /// A request that JSON can represent, or one that is always MessagePack.
    mutating func classicRequest(namespace: String) -> ClassicRequest {
        let id = text()
        let content: ClassicRequest.Content =
            switch number(below: 11) {
            case 0: .socketIDs(rooms: texts(), requestID: id)
            case 1: .allRooms(requestID: id)
            case 2: .join(selection(), rooms: texts())
            case 3: .leave(selection(), rooms: texts())
            case 4: .disconnect(selection(), close: flag())
            case 5: .joinOne(socket: text(), room: text(), requestID: id)
            case 6: .leaveOne(socket: text(), room: text(), requestID: id)
            case 7: .disconnectOne(socket: text(), close: flag(), requestID: id)
            case 8: .fetch(selection(), requestID: id)
            case 9: .serverEvent(serverEvent(namespace), requestID: maybe { $0.text() })
            default: .broadcast(packet(), target(), requestID: id)
            }
        return ClassicRequest(uid: maybe { $0.text() }, content: content, stamp: stamp())
    }

    mutating func classicResponse() -> ClassicResponse {
        let content: ClassicResponse.Content =
            switch number(below: 7) {
            case 0: .socketIDs([text()] + texts())
            case 1: .rooms(texts())
            case 2: .sockets(list { $0.socket() })
            case 3: .done
            case 4: .serverAnswer(value())
            case 5: .clientCount(number(below: 1 << 31))
            default: .acknowledgement(value())
            }
        return ClassicResponse(requestID: text(), content: content)
    }

    mutating func session() -> StreamSession {
        StreamSession(id: text(), privateID: text(), rooms: texts(), data: value())
    }

    private mutating func packet() -> EventPacket { EventPacket(list(withName: true)) }

    private mutating func serverEvent(_ namespace: String) -> ServerEvent {
        ServerEvent(namespace: namespace, name: text(), arguments: list(withName: false))
    }

    private mutating func list(withName: Bool) -> EncodedArguments {
        var parts = withName ? [JSONText(string: text()).description] : []
        var attachments: [[UInt8]] = []
        for _ in 0..<number(below: 3) { parts.append(json(depth: 3, &attachments)) }
        return EncodedArguments(text: Array(parts.joined(separator: ",").utf8), attachments: attachments)
    }

    mutating func value() -> MixedValue {
        var attachments: [[UInt8]] = []
        let text = json(depth: 4, &attachments)
        return EncodedArguments(text: Array(text.utf8), attachments: attachments).first
    }

    /// A value in the notation in which both encodings give it back.
    private mutating func json(depth: Int, _ attachments: inout [[UInt8]]) -> String {
        switch number(below: depth == 0 ? 6 : 9) {
        case 0: return "null"
        case 1: return flag() ? "true" : "false"
        case 2: return String(Int64(bitPattern: random.next()) >> Int64(number(below: 64)))
        case 3: return JSONText(Double(bitPattern: random.next()))?.description ?? "-0"
        case 4: return JSONText(string: text()).description
        case 5:
            guard hasBinary else { return String(random.next()) }
            attachments.append(bytes())
            return FormatSamples.placeholder(attachments.count - 1)
        case 6, 7:
            var elements: [String] = []
            for _ in 0..<number(below: 4) { elements.append(json(depth: depth - 1, &attachments)) }
            return "[" + elements.joined(separator: ",") + "]"
        default:
            var members: [String] = []
            for index in 0..<number(below: 4) {
                let name = JSONText(string: "\(index)" + text())
                members.append("\(name):" + json(depth: depth - 1, &attachments))
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private mutating func socket() -> SocketDescription {
        let handshake = flag() ? MixedValue(["auth": ["a": 1]]) : nil
        return SocketDescription(id: text(), handshake: handshake, rooms: texts(), data: value())
    }

    private mutating func selection() -> MessageTarget { MessageTarget(rooms: texts(), exceptions: texts()) }

    private mutating func target() -> MessageTarget {
        var flags = MessageFlags()
        flags.isVolatile = flag()
        flags.compress = maybe { $0.flag() }
        flags.timeout = maybe { .milliseconds($0.number(below: 1 << 31)) }
        flags.expectsSingleResponse = flag()
        return MessageTarget(rooms: texts(), exceptions: texts(), flags: flags)
    }

    private mutating func stamp() -> EventStamp? {
        maybe {
            EventStamp(
                node: $0.text(), number: Int($0.random.next() >> 1),
                previous: $0.maybe { Int($0.random.next() >> 1) }, row: $0.maybe { Int($0.random.next() >> 1) })
        }
    }

    private mutating func texts() -> [String] { list { $0.text() } }

    private mutating func text() -> String {
        text(from: ["a", "/", "#", "\u{0}", "\"", "\\", "{", "ä", "\u{301}", "€", "🏠", "\u{10FFFF}"])
    }

    private mutating func text(from scalars: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<number(below: 6) { text.append(scalars[number(below: scalars.count)]) }
        return String(text)
    }

    mutating func bytes() -> [UInt8] {
        (0..<number(below: 12)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func maybe<Value>(_ make: (inout FormatGenerator) -> Value) -> Value? {
        flag() ? make(&self) : nil
    }

    private mutating func list<Value>(_ make: (inout FormatGenerator) -> Value) -> [Value] {
        var values: [Value] = []
        for _ in 0..<number(below: 4) { values.append(make(&self)) }
        return values
    }
}

extension FormatGenerator {
    /// Changes a few bytes, mostly to values that begin a part of JSON or MessagePack.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        let values: [UInt8] = [
            0, 1, 0x22, 0x2C, 0x30, 0x5B, 0x7B, 0x80, 0x91, 0xA1, 0xC0, 0xC4, 0xC7, 0xD4, 0xDD, 0xFF,
        ]
        var bytes = bytes
        for _ in 0...number(below: 3) {
            let position = number(below: bytes.count + 1)
            let value = flag() ? values[number(below: values.count)] : UInt8(number(below: 256))
            switch number(below: 5) {
            case 0: bytes.insert(value, at: position)
            case 1 where position < bytes.count: bytes[position] = value
            case 2 where position < bytes.count: bytes[position] ^= 1 << UInt8(number(below: 8))
            case 3 where position < bytes.count: bytes.remove(at: position)
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + 4))
            default: break
            }
        }
        return bytes
    }
}
