import Cluster
import Testing

@testable import Actors

@Suite("A server with a parser of the application", .overEachLink)
struct PacketParserTests {
    @Test("events, acknowledgements, errors and disconnects use the parser")
    func all() async throws {
        try await TestServer.run(ServerOptions(parser: LineParser())) { server in
            server.main.on("echo") { socket, event in
                socket.emit("echo", event.arguments)
                event.acknowledgement?(event.arguments)
            }
            server.main.on("leave") { socket, _ in socket.disconnect() }
        } test: { server in
            let client = try await server.connect()
            client.send(packet: "40 / - ")
            #expect(try await client.next().hasPrefix(#"40 / - {"sid":""#))
            client.send(packet: #"42 / 5 ["echo",{"a":[1,"x"]}]"#)
            #expect(try await client.next(2) == [#"42 / - ["echo",{"a":[1,"x"]}]"#, #"43 / 5 [{"a":[1,"x"]}]"#])
            client.send(packet: #"42 / 999999999999999 ["echo"]"#)
            #expect(try await client.next(2) == [#"42 / - ["echo"]"#, "43 / 999999999999999 []"])
            client.send(packet: "40 /nowhere - ")
            #expect(try await client.next() == #"44 /nowhere - {"message":"Invalid namespace"}"#)
            client.send(packet: #"42 / - ["leave"]"#)
            #expect(try await client.next() == "41 / - ")
        }
    }

    @Test("a broadcast is encoded once for all its recipients")
    func shared() async throws {
        let encodings = Notes()
        let parser = LineParser { encodings.add("encoded") }
        try await TestServer.run(ServerOptions(parser: parser)) { server in
            server.main.onConnection { $0.join("room") }
        } test: { server in
            var clients: [TestClient] = []
            for _ in 0..<5 {
                clients.append(try await server.connect())
                clients[clients.count - 1].send(packet: "40 / - ")
                _ = try await clients[clients.count - 1].next()
            }
            #expect(encodings.all.count == 5)
            server.main.emit("news")
            for client in clients { #expect(try await client.next() == #"42 / - ["news"]"#) }
            #expect(encodings.all.count == 6)
            server.main.to("room").emit("more")
            for client in clients { #expect(try await client.next() == #"42 / - ["more"]"#) }
            #expect(encodings.all.count == 7)
        }
    }

    @Test("a packet that the parser cannot encode is reported and not sent")
    func notSent() async throws {
        try await TestServer.run(ServerOptions(parser: LineParser())) { server in
            server.main.onConnection { socket in
                socket.emit("binary", [.binary([1])])
                socket.emit("text")
            }
        } test: { server in
            let client = try await server.connect()
            client.send(packet: "40 / - ")
            #expect(try await client.next().hasPrefix("40 / "))
            #expect(try await client.next() == #"42 / - ["text"]"#)
            #expect(server.reports.all == ["not sent: no binary data in lines"])
        }
    }

    @Test(
        "what the parser rejects, and what no client may send, is reported and closes the connection",
        arguments: [
            ("4nonsense", "not a line: nonsense"), ("42 / - [1]", "an event whose name is not a string"),
            (#"42 / - ["disconnect"]"#, #"an event with the reserved name "disconnect""#),
            (#"42 / 1000000000000000 ["echo"]"#, "an acknowledgement id of more than 15 digits"),
            ("44 / - {}", "CONNECT_ERROR from a client"),
        ])
    func rejected(packet: String, error: String) async throws {
        try await TestServer.run(ServerOptions(parser: LineParser())) { server in
            _ = server.main
        } test: { server in
            let client = try await server.connect()
            client.send(packet: "40 / - ")
            _ = try await client.next()
            client.send(packet: packet)
            #expect(try await client.end() == 1000)
            #expect(server.reports.all == ["invalid packet: \(error)"])
            #expect(await server.server.status.parseErrors == 1)
        }
    }

    @Test("what a parser holds of an incomplete packet counts as input of the connection")
    func held() async throws {
        try await TestServer.run(ServerOptions(parser: HoldingParser())) { server in
            _ = server.main
        } test: { server in
            let client = try await server.connect()
            client.send(packet: "4" + String(repeating: "x", count: 50_000))
            try await eventually { await server.server.status.inputBytes >= 50_000 }
        }
    }

    /// Completes no packet.
    private struct HoldingParser: PacketParser {
        func encode(_ packet: Packet) -> [EngineMessage] { [] }

        func makeDecoder() -> any PacketDecoding { Decoder() }

        struct Decoder: PacketDecoding {
            var heldBytes = 0

            mutating func receive(_ message: EngineMessage) -> Packet? {
                if case .text(let text) = message { heldBytes += text.utf8.count }
                return nil
            }
        }
    }
}

@Suite("The default parser, called by an application")
struct JSONPacketParserTests {
    @Test(
        "decodes and encodes the default format",
        arguments: [
            ("0{}", []), ("1/a,", []), (#"27["m",1]"#, []), ("3/a,1[2]", []),
            (#"51-["m",{"_placeholder":true,"num":0}]"#, [[1, 2]]), (#"61-3[{"_placeholder":true,"num":0}]"#, [[]]),
        ] as [(String, [[UInt8]])])
    func both(text: String, attachments: [[UInt8]]) throws {
        let parser: any PacketParser = .json
        var decoder = parser.makeDecoder()
        var packet = try decoder.receive(.text(text))
        if !attachments.isEmpty { #expect(decoder.heldBytes > 0) }
        for attachment in attachments { packet = try decoder.receive(.binary(attachment)) }
        #expect(decoder.heldBytes == 0)
        #expect(try parser.encode(#require(packet)) == [.text(text)] + attachments.map { .binary($0) })
    }

    @Test("rejects what is not a packet")
    func invalid() {
        var decoder = JSONPacketParser().makeDecoder()
        #expect(throws: PacketError.unknownType(UInt8(ascii: "x"))) { try decoder.receive(.text("x")) }
        #expect(throws: PacketError.unexpectedAttachment) { try decoder.receive(.binary([])) }
    }
}
