import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: hostile messages")
struct FormatHostileTests {
    private static let head = #""uid":"a","nsp":"/""#
    private static let options = #""opts":{"rooms":[],"except":[]}"#

    @Test(
        "a cluster message of the wrong form is refused, with the member that is wrong",
        arguments: [
            ("", FormatError.invalidMessagePack(.truncated)),
            ("7", .notAMessage),
            ("[]", .invalidMessagePack(.trailingBytes(1))),
            ("{", .invalidJSON(.unexpectedEnd)),
            ("{}", .missing(.nsp)),
            (#"{"nsp":"/"}"#, .missing(.uid)),
            (#"{"nsp":7,"uid":"a","type":1}"#, .invalid(.nsp)),
            (#"{"nsp":"","uid":"a","type":1}"#, .invalid(.nsp)),
            (#"{"nsp":"a","uid":"a","type":1}"#, .invalid(.nsp)),
            (#"{"nsp":"/a,b","uid":"a","type":1}"#, .invalid(.nsp)),
            (#"{"nsp":"/","uid":["a"],"type":1}"#, .invalid(.uid)),
            (#"{"nsp":"/","uid":null,"type":1}"#, .missing(.uid)),
            (#"{\#(head)}"#, .missing(.type)),
            (#"{\#(head),"type":"1"}"#, .invalid(.type)),
            (#"{\#(head),"type":1.5}"#, .invalid(.type)),
            (#"{\#(head),"type":-1}"#, .invalid(.type)),
            (#"{\#(head),"type":1e99}"#, .invalid(.type)),
            (#"{\#(head),"type":0}"#, .unknownType(0)),
            (#"{\#(head),"type":14}"#, .unknownType(14)),
            (#"{\#(head),"type":3}"#, .missing(.data)),
            (#"{\#(head),"type":3,"data":[]}"#, .invalid(.data)),
            (#"{\#(head),"type":3,"data":{\#(options)}}"#, .missing(.packet)),
            (#"{\#(head),"type":3,"data":{"packet":7,\#(options)}}"#, .invalid(.packet)),
            (#"{\#(head),"type":3,"data":{"packet":{"type":2,"data":["a"]}}}"#, .missing(.opts)),
            (#"{\#(head),"type":4,"data":{\#(options)}}"#, .missing(.rooms)),
            (#"{\#(head),"type":4,"data":{\#(options),"rooms":"a"}}"#, .invalid(.rooms)),
            (#"{\#(head),"type":5,"data":{\#(options),"rooms":[["a"]]}}"#, .invalid(.rooms)),
            (#"{\#(head),"type":5,"data":{"opts":{"rooms":{}},"rooms":[]}}"#, .invalid(.rooms)),
            (#"{\#(head),"type":6,"data":{"opts":{"except":[true]}}}"#, .invalid(.except)),
            (#"{\#(head),"type":7,"data":{\#(options)}}"#, .missing(.requestID)),
            (#"{\#(head),"type":8,"data":{"requestId":"a"}}"#, .missing(.sockets)),
            (#"{\#(head),"type":8,"data":{"requestId":"a","sockets":["a"]}}"#, .invalid(.sockets)),
            (#"{\#(head),"type":8,"data":{"requestId":"a","sockets":[{"id":7}]}}"#, .invalid(.id)),
            (#"{\#(head),"type":9,"data":{"packet":{}}}"#, .invalid(.packet)),
            (#"{\#(head),"type":9,"data":{"packet":[]}}"#, .invalid(.packet)),
            (#"{\#(head),"type":9,"data":{"packet":[7]}}"#, .invalid(.packet)),
            (#"{\#(head),"type":10,"data":{"packet":7}}"#, .missing(.requestID)),
            (#"{\#(head),"type":11,"data":{"requestId":"a","clientCount":-1}}"#, .invalid(.clientCount)),
            (#"{\#(head),"type":11,"data":{"requestId":"a","clientCount":1e18}}"#, .invalid(.clientCount)),
            (#"{\#(head),"type":12,"data":{"requestId":{}}}"#, .invalid(.requestID)),
            (#"{\#(head),"type":2,"chatd":[]}"#, .invalid(.chatd)),
            (#"{\#(head),"type":2,"chatd":{"node":"a","number":-1}}"#, .invalid(.number)),
            (#"{\#(head),"type":2,"chatd":{"node":"a","number":1,"row":"1"}}"#, .invalid(.row)),
        ] as [(String, FormatError)])
    func cluster(text: String, error: FormatError) {
        #expect(throws: error) { try ClusterMessage(Array(text.utf8)) }
    }

    @Test(
        "a packet that is no event for clients is refused",
        arguments: [
            (#"{"data":["a"]}"#, FormatError.missing(.type)),
            (#"{"type":3,"data":["a"]}"#, .unknownType(3)),
            (#"{"type":2}"#, .missing(.data)),
            (#"{"type":2,"data":{}}"#, .invalid(.data)),
            (#"{"type":2,"data":[]}"#, .invalid(.data)),
            (#"{"type":2,"data":[null]}"#, .invalid(.data)),
            (#"{"type":2,"data":["disconnect"]}"#, .reservedEventName("disconnect")),
            (#"{"type":2,"data":["dis\u0063onnect"]}"#, .reservedEventName("disconnect")),
        ] as [(String, FormatError)])
    func packets(packet: String, error: FormatError) {
        let message = #"{\#(Self.head),"type":3,"data":{"packet":\#(packet),\#(Self.options)}}"#
        #expect(throws: error) { try ClusterMessage(Array(message.utf8)) }
    }

    @Test(
        "a broadcast that is not an array of three is refused",
        arguments: [
            ("[]", FormatError.missing(.uid)), (#"["a"]"#, .missing(.packet)), (#"["a",[],{}]"#, .invalid(.packet)),
            (#"["a",{"type":2,"data":["a"]}]"#, .missing(.opts)), (#"[1,{"type":2,"data":["a"]},{}]"#, .invalid(.uid)),
            (#"["a",{"type":2,"data":["a"],"nsp":"b"},{}]"#, .invalid(.nsp)), ("[", .invalidJSON(.unexpectedEnd)),
        ] as [(String, FormatError)])
    func classic(text: String, error: FormatError) {
        #expect(throws: error) { try ClassicBroadcast(Array(text.utf8)) }
    }

    @Test(
        "a classic request or answer of an unknown type is refused",
        arguments: [8, 9, 10, 1_000_000])
    func classicTypes(type: Int) {
        let request = Array(#"{"type":\#(type),"requestId":"a","opts":{}}"#.utf8)
        #expect(throws: FormatError.unknownType(type)) { try ClassicRequest(request, namespace: "/") }
        guard type > 9 else { return }
        #expect(throws: FormatError.unknownType(type)) { try ClassicResponse(request) }
    }

    @Test("text that is not UTF-8 is refused in both encodings")
    func encoding() {
        for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]] {
            let json = Array(#"{"nsp":"/","type":1,"uid":""#.utf8) + bytes + Array(#""}"#.utf8)
            #expect(throws: FormatError.invalidText) { try ClusterMessage(json) }
            let packed = [0x81, 0xA3] + Array("uid".utf8) + [0xA0 | UInt8(bytes.count)] + bytes
            #expect(throws: FormatError.invalidMessagePack(.invalidText)) { try ClusterMessage(packed) }
            let fields = [Array("uid".utf8), bytes, Array("nsp".utf8), [0x2F]]
            #expect(throws: FormatError.invalidText) { try ClusterMessage(streamFields: fields) }
        }
    }

    @Test(
        "a count that the message cannot hold is refused before anything is reserved",
        arguments: [
            [0xDF, 0xFF, 0xFF, 0xFF, 0xFF], [0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 1], [0xDB, 0xFF, 0xFF, 0xFF, 0xFF],
            [0xC6, 0xFF, 0xFF, 0xFF, 0xFF], [0xC9, 0xFF, 0xFF, 0xFF, 0xFF, 0],
        ] as [[UInt8]])
    func counts(bytes: [UInt8]) {
        #expect(throws: FormatError.invalidMessagePack(.truncated)) { try ClusterMessage(bytes) }
        #expect(throws: FormatError.invalidMessagePack(.truncated)) { try ClassicBroadcast(bytes) }
    }

    @Test("a map that looks like a placeholder is refused with binary data, and plain data without")
    func placeholders() throws {
        for number in [0, 1, 7] {
            let fake = FormatSamples.value(FormatSamples.placeholder(number))
            let tree = { (extra: MixedValue) in
                MessageTree.object([
                    (.uid, .text("a")), (.nsp, .text("/")), (.type, .number(10)),
                    (.data, .object([(.requestID, .text("a")), (.packet, .value(fake)), (.flags, .value(extra))])),
                ]).messagePack
            }
            let binary = tree(FormatSamples.value(FormatSamples.placeholder(0), [1]))
            #expect(throws: FormatError.invalidMessagePack(.ambiguousPlaceholder)) { try ClusterMessage(binary) }
            let message = try ClusterMessage(tree(FormatSamples.value("0")))
            #expect(message.content == .serverAnswer(fake, requestID: "a"))
        }
    }

    @Test("binary data outside of the event does not change the event's numbers")
    func numbers() throws {
        let place = FormatSamples.placeholder
        let packet = EventPacket(FormatSamples.arguments(#""a",\#(place(0))"#, [2]))
        let other = FormatSamples.value("[\(place(0)),\(place(1))]", [0], [1])
        let bytes = MessageTree.object([
            (.handshake, .value(other)), (.uid, .text("a")), (.nsp, .text("/")), (.type, .number(3)),
            (.data, .object([(.node, .value(other)), (.packet, packet.tree()), (.opts, MessageTarget().tree())])),
        ]).messagePack
        #expect(try ClusterMessage(bytes).content == .broadcast(packet, MessageTarget(), requestID: nil))
    }

    @Test("a message that is nested too deeply is refused", arguments: [510, 511, 5000, 1_000_000])
    func depth(count: Int) throws {
        // Two containers enclose the value.
        let nested = { (value: [UInt8]) in
            Array(#"{\#(Self.head),"type":12,"data":{"requestId":"a","packet":"#.utf8) + value + Array("}}".utf8)
        }
        let json = nested([UInt8](repeating: 0x5B, count: count) + [UInt8](repeating: 0x5D, count: count))
        let packed =
            [0x84] + packedText("uid") + packedText("a") + packedText("nsp") + packedText("/") + packedText("type")
            + [12] + packedText("data") + [0x82] + packedText("requestId") + packedText("a") + packedText("packet")
            + [UInt8](repeating: 0x91, count: count) + [0xC0]
        if count <= 510 {
            #expect(throws: Never.self) { try ClusterMessage(json) }
            #expect(throws: Never.self) { try ClusterMessage(packed) }
        } else {
            #expect(throws: FormatError.self) { try ClusterMessage(json) }
            #expect(throws: FormatError.invalidMessagePack(.tooDeep(limit: 512))) { try ClusterMessage(packed) }
        }
    }

    private func packedText(_ text: String) -> [UInt8] { [0xA0 | UInt8(text.utf8.count)] + text.utf8 }

    @Test("the limits bound the message, its lists and its texts")
    func limits() throws {
        var limits = FormatLimits()
        (limits.rooms, limits.sockets, limits.identifier, limits.namespace) = (2, 1, 4, 5)
        func read(_ content: ClusterMessage.Content, _ uid: String, _ namespace: String) throws {
            let message = ClusterMessage(uid: uid, namespace: namespace, content: content)
            #expect(try ClusterMessage(message.encoded(for: .sharded), limits: limits) == message)
            #expect(try ClusterMessage(message.encoded(for: .ephemeral), limits: limits) == message)
        }
        let target = MessageTarget(rooms: ["a", "b"], exceptions: ["a", "b"])
        let socket = FormatSamples.socket(rooms: ["a", "b"])
        try read(.join(target, rooms: ["a", "b"]), "\u{1}\u{1}\u{1}\u{1}", "/éé")
        #expect(throws: FormatError.tooLong(.id, limit: 4)) { try read(.sockets([socket], requestID: "a"), "a", "/") }
        #expect(throws: FormatError.tooMany(.sockets, limit: 1)) {
            try read(.sockets([socket, socket], requestID: "a"), "a", "/")
        }
        #expect(throws: FormatError.tooMany(.rooms, limit: 2)) {
            try read(.join(target, rooms: ["", "", ""]), "a", "/")
        }
        #expect(throws: FormatError.tooMany(.except, limit: 2)) {
            try read(.fetch(MessageTarget(exceptions: ["", "", ""]), requestID: "a"), "a", "/")
        }
        #expect(throws: FormatError.tooLong(.uid, limit: 4)) { try read(.heartbeat, "ééa", "/") }
        #expect(throws: FormatError.tooLong(.nsp, limit: 5)) { try read(.heartbeat, "a", "/ééa") }
        let heartbeat = FormatSamples.message(.heartbeat).encoded(for: .sharded)
        limits = FormatLimits()
        limits.message = heartbeat.count
        #expect(throws: Never.self) { try ClusterMessage(heartbeat, limits: limits) }
        limits.message -= 1
        #expect(throws: FormatError.tooLarge(limit: limits.message)) { try ClusterMessage(heartbeat, limits: limits) }
    }

    @Test("every error belongs to a group for the counter, and every group has errors")
    func reasons() {
        let errors: [FormatError] = [
            .tooLarge(limit: 1), .tooLong(.uid, limit: 1), .tooMany(.rooms, limit: 1), .invalidText,
            .invalidJSON(.unexpectedEnd), .invalidMessagePack(.unusedByte), .invalidBase64, .notAMessage,
            .missing(.uid), .invalid(.uid), .unknownType(1), .reservedEventName("connect"),
        ]
        #expect(Set(errors.map(\.reason)) == Set(FormatError.Reason.allCases))
        #expect(Set(errors.map(\.description)).count == errors.count)
    }
}
