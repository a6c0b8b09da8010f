import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Messages about a shared port")
struct HandoverMessageTests {
    private static let peer = HTTPPeer(address: "::1", isTrusted: false, isSecure: true)
    private static let beginning = HandoverMessage.Beginning(
        target: WorkerNumber(7), peer: HTTPPeer(address: "192.0.2.1", isTrusted: true, isSecure: false),
        refusalHeaders: [HandoverMessage.HeaderField(name: "Vary", value: "Origin")], size: 5,
        received: Array("GET /".utf8)[...])
    private static let messages: [HandoverMessage] = [
        .connection(beginning),
        .connection(HandoverMessage.Beginning(target: nil, peer: peer, refusalHeaders: [], size: 9000, received: [1])),
        .more([1, 2, 3]), .arrived(isTaken: true), .arrived(isTaken: false), .sessions(12),
        .table(SessionRouting.Table(limit: 12, workers: [WorkerNumber(1), WorkerNumber(3)])),
        .table(SessionRouting.Table(limit: .max, workers: [])),
    ]

    @Test("every message is read as it was written", arguments: messages)
    func roundTrip(message: HandoverMessage) throws {
        #expect(try HandoverMessage(message.bytes) == message)
    }

    @Test("a message that was cut or extended is refused", arguments: messages)
    func damaged(message: HandoverMessage) {
        let bytes = message.bytes
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self) { try HandoverMessage(Array(bytes.prefix(count))) }
        }
        #expect(throws: CodecError.trailingBytes) { try HandoverMessage(bytes + [0]) }
    }

    @Test("random bytes never trap")
    func fuzz() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<20_000 {
            var bytes = Self.messages[Int.random(in: 0..<Self.messages.count, using: &random)].bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let message = try? HandoverMessage(bytes) { #expect(message.bytes.count == bytes.count) }
        }
    }

    @Test("a size that is too large, or a table out of order, is refused")
    func badValues() {
        var beginning = Self.beginning
        beginning.size = HandoverMessage.maxSize + 1
        #expect(throws: CodecError.badValue) { try HandoverMessage(HandoverMessage.connection(beginning).bytes) }
        beginning.size = 4
        #expect(throws: CodecError.badValue) { try HandoverMessage(HandoverMessage.connection(beginning).bytes) }
        let table = SessionRouting.Table(limit: 1, workers: [WorkerNumber(2), WorkerNumber(1)])
        #expect(throws: CodecError.badValue) { try HandoverMessage(HandoverMessage.table(table).bytes) }
    }

    @Test(
        "a connection of any size is put together from messages that each fit",
        arguments: [0, 1, 8191, 8192, 8193, 100_000])
    func assembled(size: Int) throws {
        let received = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let connection = PassedConnection(
            descriptor: 5, peer: Self.peer, received: received, refusalHeaders: [("Vary", "Origin")])
        var assembly = HandoverAssembly()
        var arrival: HandoverAssembly.Arrival?
        for message in connection.messages(to: WorkerNumber(3)) {
            #expect(arrival == nil, "no message follows a complete connection")
            #expect(message.bytes.count <= PassingSocket.maxMessage)
            switch try HandoverMessage(message.bytes) {
            case .connection(let beginning): arrival = try assembly.begin(beginning, 9)
            case .more(let bytes): arrival = try assembly.add(bytes)
            default: Issue.record("unexpected message")
            }
        }
        let result = try #require(arrival?.connection)
        #expect(result.descriptor == 9 && result.peer == Self.peer && result.received == received)
        #expect(result.refusalHeaders.map { "\($0.0): \($0.1)" } == ["Vary: Origin"])
        #expect(arrival?.beginning.target == WorkerNumber(3))
    }

    @Test("long header fields of a refusal are omitted, so that the first message fits")
    func longHeaders() throws {
        let connection = PassedConnection(
            descriptor: 5, peer: Self.peer, received: Array(repeating: 65, count: 9000),
            refusalHeaders: [("Access-Control-Allow-Origin", String(repeating: "x", count: 15_000))])
        for message in connection.messages(to: nil) { #expect(message.bytes.count <= PassingSocket.maxMessage) }
    }

    @Test("messages in the wrong order are refused")
    func wrongOrder() throws {
        var assembly = HandoverAssembly()
        #expect(throws: CodecError.unexpectedFrame) { _ = try assembly.add([1]) }
        var beginning = Self.beginning
        beginning.size = 8
        let first = try assembly.begin(beginning, 9)
        #expect(first == nil)
        #expect(assembly.descriptor == 9)
        #expect(throws: CodecError.unexpectedFrame) { _ = try assembly.begin(beginning, 10) }
        #expect(throws: CodecError.unexpectedFrame) { _ = try assembly.add([1, 2, 3, 4]) }
        let last = try assembly.add([1, 2, 3])
        #expect(last?.received.count == 8)
        #expect(assembly.descriptor == nil)
    }
}
