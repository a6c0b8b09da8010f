import Foundation
import Testing

@testable import Actors

@Suite("Handlers take and return Swift values", .overEachLink)
struct TypedHandlerTests {
    struct Post: Codable, Sendable, Equatable {
        var room: String
        var text: String
        var picture: [UInt8]?
    }

    struct Refused: ClientError {
        var clientMessage: String { "not in the room" }
    }

    @Test(
        "the arguments are decoded, and the result is the acknowledgement",
        arguments: [
            (#"21["none"]"#, "431[]"), (#"21["no result",1]"#, "431[]"), (#"21["one","abc"]"#, "431[3]"),
            (#"21["two","abc",null]"#, #"431["abc nil"]"#), (#"21["two","abc"]"#, #"431["abc nil"]"#),
            (#"21["two","abc",1.5,"more"]"#, #"431["abc 1.5"]"#),
            (#"21["three","a",2,true]"#, #"431[["a","2","true"]]"#), (#"21["async","abc"]"#, "431[3]"),
            (#"21["post",{"room":"r","text":"t"}]"#, #"431[{"room":"r","text":"t!"}]"#),
        ])
    func acknowledgements(sent: String, expected: String) async throws {
        try await TestServer.run { server in
            let main = server.main
            main.on("none") { _ in }
            main.on("no result") { (_, _: Int) in }
            main.on("one") { (_, text: String) in text.count }
            main.on("two") { (_, text: String, number: Double?) in
                "\(text) \(number.map { "\($0)" } ?? "nil")"
            }
            main.on("three") { (_, text: String, number: Int, flag: Bool) in [text, "\(number)", "\(flag)"] }
            main.on("async") { (_, text: String) async in
                await Task.yield()
                return text.count
            }
            main.on("post") { (_, post: Post) in Post(room: post.room, text: post.text + "!") }
        } test: { server in
            let client = try await server.join()
            client.send([sent])
            #expect(try await client.next() == expected)
        }
    }

    @Test(
        "a wrong or missing argument and a handler's error are acknowledged with an error, and reported",
        arguments: [
            (#"21["one",5]"#, #"431[{"error":"argument 0: expected String, found the number 5"}]"#, "argument 0"),
            (#"21["one"]"#, #"431[{"error":"argument 0: expected String, found nothing"}]"#, "argument 0"),
            (#"21["refuse"]"#, #"431[{"error":"not in the room"}]"#, "Refused"),
            (#"21["data"]"#, #"431[{"error":"internal server error"}]"#, "expected"),
            (#"21["fail"]"#, #"431[{"error":"internal server error"}]"#, "Failure"),
            (#"21["async fail"]"#, #"431[{"error":"internal server error"}]"#, "Failure"),
        ])
    func errors(sent: String, expected: String, report: String) async throws {
        struct Failure: Error {}
        try await TestServer.run { server in
            server.main.on("one") { (_, text: String) in text.count }
            server.main.on("refuse") { _ in throw Refused() }
            // The client must not learn about the server's own data.
            server.main.on("data") { socket in try socket.data(as: Post.self) }
            server.main.on("fail") { _ in throw Failure() }
            server.main.on("async fail") { _ async throws in throw Failure() }
        } test: { server in
            let client = try await server.join()
            client.send([sent])
            #expect(try await client.next() == expected)
            #expect(server.reports.all.count == 1)
            #expect(server.reports.all.first?.contains(report) == true)
        }
    }

    @Test("an event without an acknowledgement gets none")
    func noAcknowledgement() async throws {
        try await TestServer.run { server in
            server.main.on("one") { (_, text: String) in text.count }
            server.main.on("end") { socket, _ in socket.emit("end") }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["one","abc"]"#, #"2["one",1]"#, #"2["end"]"#])
            #expect(try await client.next() == #"42["end"]"#)
        }
    }

    @Test("values and binary data are sent as arguments, to one socket, a room and everyone")
    func emitting() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket in
                socket.join("r")
                try socket.emit("one", Post(room: "r", text: "t"), 1.5, Optional<Int>.none)
                try server.main.to("r").emit("room", ["a": 1])
                try server.server.emit("all", "x")
                try socket.emit("binary", Post(room: "r", text: "t", picture: [1, 2]))
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["go"]"#])
            #expect(
                try await client.next(5) == [
                    #"42["one",{"room":"r","text":"t"},1.5,null]"#,
                    #"451-["binary",{"room":"r","text":"t","picture":{"_placeholder":true,"num":0}}]"#,
                    "binary [1, 2]", #"42["room",{"a":1}]"#, #"42["all","x"]"#,
                ])
        }
    }

    @Test("call waits for the client's answer and decodes it")
    func call() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket async throws in
                let answer: Int = try await socket.call("add", 1, 2)
                return "sum \(answer)"
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"21["go"]"#])
            #expect(try await client.next() == #"420["add",1,2]"#)
            client.send(["30[3]"])
            #expect(try await client.next() == #"431["sum 3"]"#)
        }
    }

    @Test("authenticate sets the socket's data, and wrong auth is refused with the reason")
    func authenticate() async throws {
        struct Credentials: Decodable { var token: String }
        struct User: Codable { var name: String }
        try await TestServer.run { server in
            server.server.authenticate { handshake in
                User(name: try handshake.auth(as: Credentials.self).token.uppercased())
            }
            server.main.on("who") { socket in try socket.data(as: User.self).name }
        } test: { server in
            let client = try await server.connect()
            client.send([#"0{"token":5}"#])
            let refusal = #"44{"message":"invalid auth, token: expected String, found the number 5"}"#
            #expect(try await client.next() == refusal)
            client.send([#"0{"token":"ann"}"#])
            #expect(try await client.next().hasPrefix("40{"))
            client.send([#"21["who"]"#])
            #expect(try await client.next() == #"431["ANN"]"#)
        }
    }

    @Test("auth is decoded in the form that the server's options choose")
    func authCoding() async throws {
        struct Since: Decodable { var time: Date }
        let options = ServerOptions(coding: ValueCoding(dates: .millisecondsSince1970))
        try await TestServer.run(options) { server in
            server.server.authenticate { handshake in
                try handshake.auth(as: Since.self).time.timeIntervalSince1970
            }
            server.main.on("since") { socket in try socket.data(as: Double.self) }
        } test: { server in
            let client = try await server.connect()
            client.send([#"0{"time":1500}"#])
            #expect(try await client.next().hasPrefix("40{"))
            client.send([#"21["since"]"#])
            #expect(try await client.next() == "431[1.5]")
        }
    }
}
