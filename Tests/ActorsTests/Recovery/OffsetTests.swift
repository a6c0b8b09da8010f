import Cluster
import Testing

@testable import Actors

@Suite("Offsets: a client's place in the stream, as the last argument of its events", .overEveryLink)
struct OffsetTests {
    @Test(
        "an offset parsed from text encodes to the same text",
        arguments: ["e.0", "e.7", "e.7.0", "e.18446744073709551615.9223372036854775807"])
    func roundTrip(text: String) throws {
        let offset = try #require(Offset(text))
        var bytes: [UInt8] = []
        offset.append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test(
        "text that this server cannot have written is not an offset",
        arguments: [
            "", ".", "e", "e.", ".1", "e.x", "e.-1", "e.+1", "e.1.", "e.1.x", "e.1.2.3", "e.1.9223372036854775808",
        ])
    func refused(text: String) {
        #expect(Offset(text) == nil)
    }

    /// Runs `send` in a handler.
    /// - Returns: The packets that arrive, with `@` in place of each offset.
    private static func sent(_ send: @escaping @Sendable (isolated Socket) -> Void) async throws -> [String] {
        var packets: [String] = []
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.on("go") { socket, _ in
                send(socket)
                socket.emit("end", [.json(JSONText(integer: 1))])
            }
        } test: { server in
            let client = try await RecoveringClient(server).socket
            client.send(#"2["go"]"#)
            while case let packet = try await client.next(), !packet.hasPrefix(#"42["end""#) {
                packets.append(packet.replacing(#/"e\.\d+"/#, with: "@"))
            }
        }
        return packets
    }

    @Test("direct emits and broadcasts carry an offset")
    func logged() async throws {
        let packets = try await Self.sent { socket in
            socket.emit("direct", [.json(JSONText(integer: 1))])
            socket.namespace.emit("all")
            socket.emit("binary", [.binary([1])])
        }
        #expect(
            packets == [
                #"42["direct",1,@]"#, #"42["all",@]"#, #"451-["binary",{"_placeholder":true,"num":0},@]"#, "binary [1]",
            ])
    }

    @Test("a volatile event carries an offset only if its last element, which may be its name, is a string")
    func volatileEvents() async throws {
        let packets = try await Self.sent { socket in
            socket.emitVolatile("number", [.json(JSONText(integer: 1))])
            socket.emitVolatile("string", [.json(JSONText(string: "x"))])
            socket.emitVolatile("name only")
            socket.namespace.everyone.volatile.emit("number to all", [.json(JSONText(integer: 1))])
            socket.namespace.everyone.volatile.emit("name only to all")
        }
        #expect(
            Set(packets) == [
                #"42["number",1]"#, #"42["string","x",@]"#, #"42["name only",@]"#, #"42["number to all",1]"#,
                #"42["name only to all",@]"#,
            ])
    }

    @Test("an event that expects an acknowledgement carries no offset")
    func withAcknowledgement() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.on("go") { socket, _ async throws in
                _ = try await socket.emitWithAcknowledgement("ask", [.json(JSONText(string: "x"))])
            }
        } test: { server in
            let client = try await RecoveringClient(server).socket
            client.send(#"2["go"]"#)
            #expect(try await client.next() == #"420["ask","x"]"#)
        }
    }

    @Test("during catch-up an offset's position and row never decrease and never exceed what was delivered")
    func monotonic() async throws {
        let history = (1...300).map { "message \($0) " + String(repeating: "x", count: 1000) }
        try await TestServer.run(history: history, recovery: RecoveryOptions(), setUp: storing) { server in
            let client = try await RecoveringClient(server).socket
            for number in 0..<50 { server.main.emit("event", [.json(JSONText(integer: number))]) }
            var last: (position: UInt64, row: Int64) = (0, 0)
            var rows: Int64 = 0
            var events = 0
            while rows < 300 || events < 50 {
                let packet = try await client.next()
                let elements = try #require(try JSONText(validating: Array(packet.utf8.dropFirst(2))).elements)
                let offset = try #require(elements.last?.string.flatMap { Offset($0) })
                let row = try #require(offset.row)
                if elements[0].string == "event" {
                    #expect(elements[1].integer == events)
                    events += 1
                } else {
                    rows += 1
                    #expect(elements[2].integer == Int(rows))
                }
                #expect(offset.position >= last.position && row >= last.row)
                #expect(offset.position <= UInt64(events) && row <= rows)
                last = (offset.position, row)
            }
        }
    }
}
