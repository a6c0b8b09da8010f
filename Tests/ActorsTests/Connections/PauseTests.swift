import Testing
import Transport

@testable import Actors

@Suite("Pauses: what one socket waits for is its own affair, and ends with it", .overEachLink)
struct PauseTests {
    /// More than may wait, and a packet behind it, in one piece.
    static func burst(_ namespace: String, then last: String) -> [String] {
        (0..<Limits().waitingEvents + 1).map { #"2\#(namespace)["sync",\#($0)]"# } + [last]
    }

    static func setUp(_ server: TestServer, _ gate: Gate) {
        server.main.on("note") { _, event in server.notes.add(String(decoding: event.arguments.slice, as: UTF8.self)) }
        let other = server.server.of("/other")
        other.use { socket async throws(ConnectError) in
            await gate.pass()
            throw ConnectError("no")
        }
    }

    @Test("a client is read again when the namespace that it had sent too much for refuses it")
    func refused() async throws {
        let gate = Gate()
        try await TestServer.run {
            Self.setUp($0, gate)
        } test: { server in
            let client = try await server.join()
            client.send(["0/other,"] + Self.burst("/other,", then: #"2["note",1]"#))
            try await eventually { server.notes.all == ["1"] }
            client.send(#"2["note",2]"#)
            gate.open()
            #expect(try await client.next() == #"44/other,{"message":"no"}"#)
            try await eventually({ server.notes.all == ["1", "2"] }, within: .seconds(5))
        }
    }

    @Test("a client is read again when it leaves a namespace that has not let it in yet")
    func leaves() async throws {
        let gate = Gate()
        try await TestServer.run {
            Self.setUp($0, gate)
        } test: { server in
            let client = try await server.join()
            client.send(["0/other,"] + Self.burst("/other,", then: "1/other,"))
            client.send(#"2["note",2]"#)
            try await eventually({ server.notes.all == ["2"] }, within: .seconds(5))
            gate.open()
        }
    }

    @Test("events that one socket handles do not let more of those in that wait for another")
    func ownBounds() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.main.on("slow") { _, _ async in await gate.pass() }
            server.server.of("/async").on("pass") { _, _ async in server.notes.add("passed") }
        } test: { server in
            let client = try await server.join()
            try await client.join("/async")
            client.send([#"2["slow"]"#] + Self.burst("", then: #"2/async,["pass"]"#))
            try await eventually { server.notes.all == ["passed"] }
            client.send(#"2/async,["pass"]"#)
            let other = try await server.join()
            for number in 0..<20 {
                other.send(#"2["note",\#(number)]"#)
                try await eventually { server.notes.all.contains("\(number)") }
            }
            #expect(server.notes.all.filter { $0 == "passed" } == ["passed"])
            gate.open()
            try await eventually { server.notes.all.filter { $0 == "passed" }.count == 2 }
        }
    }
}
