import Testing
import Transport

@testable import Actors

@Suite("A pause caused by one socket ends with that socket", .overEachLink)
struct PauseTests {
    /// More events than may wait, followed by another packet.
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

    @Test("the server resumes reading from a paused client when middleware rejects the socket that caused the pause")
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

    @Test("the server resumes reading from a paused client when it leaves a namespace that has not accepted it yet")
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

    @Test("events handled by one socket do not end the pause that another socket caused")
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
