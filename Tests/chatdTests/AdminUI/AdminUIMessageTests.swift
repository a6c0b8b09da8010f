import Actors
import Testing
import Transport

@testable import chatd

@Suite("What workers tell each other about dashboards")
struct AdminUIMessageTests {
    @Test(
        "a message is read as it was written",
        arguments: [
            .list(after: nil), .list(after: SessionID("0123456789abcdefghij")), .totals, .changes(nil), .changes([]),
            .changes([ShownEvent("room_joined", "/", "a", "b"), ShownEvent("socket_connected", ["id": "x"])]),
            .attempt("192.0.2.1"), .success("2001:db8::/64"),
        ] as [AdminUIMessage])
    func messages(message: AdminUIMessage) {
        #expect(AdminUIMessage(message.json) == message)
    }

    @Test("other values are no messages, and other events no changes")
    func malformed() {
        for value: JSONText in [.null, [], ["ask": "all"], ["tell": "attempt"], ["tell": 5]] {
            #expect(AdminUIMessage(value) == nil)
        }
        #expect(AdminUIMessage(["tell": "changes", "changes": [["session", "x"], 5, []]]) == .changes([]))
    }
}

@Suite("What a dashboard asks the server to do")
struct AdminUIWriteTests {
    private func text(_ event: String, _ arguments: String) throws -> String? {
        let arguments = try Arguments(slice: Array(arguments.utf8))
        return AdminUIWrite(event, Array(arguments))?.text
    }

    @Test(
        "the events of the protocol",
        arguments: [
            ("emit", #""/",null,"hello",1,{"a":2}"#, "to everyone in /: emit hello"),
            ("emit", #""/","room","hello""#, "to room room of /: emit hello"),
            ("emit", #""/","","hello""#, "to everyone in /: emit hello"),
            ("join", #""/","a","b""#, "room b of /: join room a"),
            ("join", #""/admin","a""#, "everyone in /admin: join room a"),
            ("leave", #""/","a",null"#, "everyone in /: leave room a"),
            ("_disconnect", #""/",false,"b""#, "disconnect room b of /"),
            (
                "emit", #""/","x\" to room \"a","b c""#, #"to room "x\" to room \"a" of /: emit "b c""#
            ),
            ("_disconnect", #""/",true"#, #"close the connections of everyone in /"#),
        ])
    func events(event: String, arguments: String, expected: String) throws {
        #expect(try text(event, arguments) == expected)
    }

    @Test(
        "other events and arguments are ignored",
        arguments: [
            ("emit", ""), ("emit", #""/""#), ("emit", #""/",null"#), ("emit", #""/",5,"hello""#),
            ("emit", #""/",null,5"#), ("join", #""/""#), ("join", #""/",5"#), ("join", #""/","""#),
            ("join", #""/","a",5"#), ("leave", #"5,"a""#), ("_disconnect", #""/""#), ("_disconnect", #""/",true,5"#),
            ("message", #""/","a""#),
        ])
    func ignored(event: String, arguments: String) throws {
        #expect(try text(event, arguments) == nil)
    }
}
