import Cluster
import Testing

@testable import Actors

@Suite("A server with the MessagePack parser", .overEachLink)
struct MessagePackServerTests {
    private static let options = ServerOptions(parser: .messagePack)

    private static func echo(_ server: TestServer) {
        server.main.on("echo") { socket, event in
            socket.emit("echo", event.arguments)
            event.acknowledgement?(event.arguments)
        }
        server.main.on("to all") { _, event in server.main.emit("to all", event.arguments) }
        server.main.on("leave") { socket, _ in socket.disconnect() }
    }

    @Test("the bytes of an official client are answered with those of the official server")
    func golden() async throws {
        try await TestServer.run(Self.options, setUp: Self.echo) { server in
            let client = try await MessagePackClient(server)
            client.socket.send(binary: packed("<82 a4>type<00 a3>nsp<a1>/"))
            let reply = try await client.nextPacket()
            #expect(reply.type == .connect && reply.payload?["sid"]?.string?.isEmpty == false)
            client.socket.send(
                binary: packed(
                    "<85 a4>type<02 a4>data<93 a4>echo<a2>hi<c4 02 01 02 a7>options<81 a1>x<c3 a2>id<07 a3>nsp<a1>/"
                ))
            let event = packed("<83 a4>type<02 a4>data<93 a4>echo<a2>hi<c4 02 01 02 a3>nsp<a1>/")
            let answer = packed("<84 a2>id<07 a4>type<03 a4>data<92 a2>hi<c4 02 01 02 a3>nsp<a1>/")
            #expect(try await client.socket.next() == "binary \(event)")
            #expect(try await client.socket.next() == "binary \(answer)")
        }
    }

    @Test("broadcasts, binary data and disconnects reach the clients")
    func events() async throws {
        try await TestServer.run(Self.options, setUp: Self.echo) { server in
            var clients: [MessagePackClient] = []
            for _ in 0..<3 {
                clients.append(try await MessagePackClient(server))
                try await clients[clients.count - 1].join()
            }
            let event = #"52-["to all",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}],1.5]"#
            try clients[0].send(event, attachments: [[1], [2, 3]])
            for client in clients { #expect(try await client.next() == event + " [[1], [2, 3]]") }
            try clients[1].send(#"2["leave"]"#)
            #expect(try await clients[1].next() == "1")
        }
    }

    @Test("binary data in auth is an array of numbers, which decodes to bytes")
    func binaryAuth() async throws {
        struct Credentials: Decodable {
            var key: [UInt8]
        }
        try await TestServer.run(Self.options) { server in
            server.main.use { socket in
                let key = try socket.handshake.auth(as: Credentials.self).key
                guard key == [0, 1, 255] else { throw ConnectError("wrong key") }
            }
        } test: { server in
            let client = try await MessagePackClient(server)
            client.socket.send(binary: packed("<83 a4>type<00 a4>data<81 a3>key<c4 03 00 01 ff a3>nsp<a1>/"))
            #expect(try await client.nextPacket().type == .connect)
            let other = try await MessagePackClient(server)
            other.socket.send(binary: packed("<83 a4>type<00 a4>data<81 a3>key<c4 01 01 a3>nsp<a1>/"))
            #expect(try await other.next() == #"4{"message":"wrong key"}"#)
        }
    }

    @Test("the server waits for a client's acknowledgement")
    func acknowledgement() async throws {
        try await TestServer.run(Self.options) { server in
            server.main.onConnection { socket in
                server.machine.task {
                    let answer = try? await socket.emitWithAcknowledgement("question", [.binary([9])])
                    server.notes.add("\(answer.map { Array($0) } ?? [])")
                }
            }
        } test: { server in
            let client = try await MessagePackClient(server)
            try await client.join()
            #expect(try await client.next() == #"51-0["question",{"_placeholder":true,"num":0}] [[9]]"#)
            try client.send(#"61-0[{"_placeholder":true,"num":0}]"#, attachments: [[8, 7]])
            try await eventually { server.notes.all == ["\([Argument.binary([8, 7])])"] }
        }
    }

    @Test("a rejected client gets the error, in the main namespace and in one that does not exist")
    func rejected() async throws {
        try await TestServer.run(Self.options) { server in
            server.main.use { _ in throw ConnectError("not you", data: ["code": 7]) }
        } test: { server in
            let client = try await MessagePackClient(server)
            try client.send("0")
            #expect(try await client.next() == #"4{"message":"not you","data":{"code":7}}"#)
            try client.send("0/nowhere,")
            #expect(try await client.next() == #"4/nowhere,{"message":"Invalid namespace"}"#)
        }
    }

    @Test("a lost client resumes its session with its pid and the offset of its last event")
    func recovery() async throws {
        try await TestServer.run(Self.options, recovery: RecoveryOptions(), setUp: Self.echo) { server in
            let client = try await MessagePackClient(server)
            let session = try await client.join()
            try client.send(#"2["echo",1]"#)
            let offset = try #require(try await client.nextPacket().payload?[2]?.string)
            client.socket.reset()
            try await eventually { await server.hub.status.lostSessions == 1 }
            server.main.emit("missed", [.binary([5]), .json("a string")])
            let back = try await MessagePackClient(server)
            let pid = try #require(session["pid"])
            #expect(try await back.join(auth: #"{"pid":\#(pid),"offset":"\#(offset)"}"#)["sid"] == session["sid"])
            let missed = try await back.nextPacket()
            #expect(missed.name == "missed" && missed.attachments == [[5]])
            #expect(missed.payload?[2]?.string == "a string" && missed.payload?[3]?.string != nil)
        }
    }

    @Test(
        "a message that is not a packet is reported and closes its connection only",
        arguments: [
            ("<c1>", "the byte 0xc1, which MessagePack does not use"),
            ("<83 a4>type<02 a4>data<dd ff ff ff ff>", "a MessagePack value that is longer than its message"),
            (
                "<83 a4>type<02 a4>data<93 a4>echo<c4 01 01 82 ac>_placeholder<c3 a3>num<00 a3>nsp<a1>/",
                "a placeholder that refers to none of the packet's 1 attachments, or to the same one as another"
            ),
            ("<83 a4>type<04 a4>data<80 a3>nsp<a1>/", "CONNECT_ERROR from a client"),
            ("<83 a4>type<02 a4>data<91 a7>connect<a3>nsp<a1>/", #"an event with the reserved name "connect""#),
            ("<83 a4>type<02 a4>data<91 a1>m<a3>nsp<a2>/x", "a packet for \"/x\", which the client has not joined"),
        ])
    func invalid(bytes: String, error: String) async throws {
        try await TestServer.run(Self.options, setUp: Self.echo) { server in
            let other = try await MessagePackClient(server)
            try await other.join()
            let client = try await MessagePackClient(server)
            try await client.join()
            client.socket.send(binary: packed(bytes))
            #expect(try await client.socket.end() == 1000)
            #expect(server.reports.all == ["invalid packet: \(error)"])
            try other.send(#"21["echo"]"#)
            #expect(try await other.next() == #"2["echo"]"#)
        }
    }

    @Test("a text message of a client with the default parser closes its connection")
    func defaultClient() async throws {
        try await TestServer.run(Self.options, setUp: Self.echo) { server in
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.end() == 1000)
            #expect(server.reports.all == ["invalid packet: a text message: this client does not use MessagePack"])
        }
    }

    @Test("a polling client sends and receives packets in base64")
    func polling() async throws {
        try await TestServer.run(Self.options, setUp: Self.echo) { server in
            let client = try await PollingClient(port: server.port)
            try await client.post("bgqR0eXBlAKNuc3ChLw==")
            let reply = try #require(try await client.get().first)
            #expect(reply.hasPrefix("bg6R0eXBlAKRkYXRhgaNzaW"))
            try await client.post("bg6R0eXBlAqRkYXRhkqRlY2hvxAEJo25zcKEv")
            #expect(try await client.get() == ["bg6R0eXBlAqRkYXRhkqRlY2hvxAEJo25zcKEv"])
        }
    }
}
