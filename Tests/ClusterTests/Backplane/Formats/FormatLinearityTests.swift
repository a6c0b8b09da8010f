import Actors
import Testing

@testable import Cluster

/// Quadratic work on these sizes would take hours, so a limit of one minute detects it without a measurement.
@Suite("Backplane formats: work in linear time", .timeLimit(.minutes(1)))
struct FormatLinearityTests {
    private static let count = 200_000

    private func message(_ packet: String) -> [UInt8] {
        Array(#"{"uid":"a","nsp":"/","type":10,"data":{"requestId":"a","packet":\#(packet)}}"#.utf8)
    }

    @Test("a list of many elements, and an object of many members")
    func wide() throws {
        _ = try ClusterMessage(message("[" + String(repeating: "1,", count: Self.count) + "1]"))
        _ = try ClusterMessage(message("{" + String(repeating: #""type":1,"#, count: Self.count) + #""a":1}"#))
    }

    @Test("a message with many members of its own")
    func members() throws {
        let text = "{" + String(repeating: #""uid":"b","\u0075id":"c","#, count: Self.count)
        _ = try ClusterMessage(Array((text + #""uid":"a","nsp":"/","type":1}"#).utf8))
    }

    @Test("a message with long names of members")
    func names() throws {
        let name = String(repeating: #"\u0061"#, count: Self.count)
        _ = try ClusterMessage(Array(#"{"\#(name)":1,"uid":"a","nsp":"/","type":1,"\#(name)":1}"#.utf8))
    }

    @Test("many sockets, some with binary data")
    func sockets() throws {
        let sockets = (0..<20_000).map { index in
            FormatSamples.socket(
                index < 900 ? FormatSamples.value(FormatSamples.placeholder(0), [1]) : FormatSamples.value("1"))
        }
        let message = FormatSamples.message(.sockets(sockets, requestID: "a"))
        #expect(try ClusterMessage(message.encoded(for: .sharded)) == message)
    }

    @Test("many containers with binary data in one value")
    func containers() throws {
        let text = (0..<900).map { "[[[]]],\(FormatSamples.placeholder($0))" }.joined(separator: ",")
        let list = EncodedArguments(text: Array("[\(text)]".utf8), attachments: (0..<900).map { [UInt8($0 % 256)] })
        let message = FormatSamples.message(.serverAnswer(list.first, requestID: "a"))
        #expect(try ClusterMessage(message.encoded(for: .sharded)) == message)
    }

    @Test("many rooms")
    func rooms() throws {
        let rooms = (0..<60_000).map { "room \($0)" }
        let message = FormatSamples.message(.join(MessageTarget(rooms: rooms), rooms: rooms))
        #expect(try ClusterMessage(message.encoded(for: .sharded)) == message)
        #expect(try ClusterMessage(message.encoded(for: .ephemeral)) == message)
    }
}
