import Testing

@testable import Actors

@Suite("Handlers of the next event take and return Swift values", .overEachLink)
struct TypedOnceTests {
    @Test("each form runs for one event and answers it", arguments: ["sync", "async"])
    func forms(kind: String) async throws {
        try await TestServer.run { server in
            let main = server.main
            if kind == "sync" {
                main.once("none") { _ in }
                main.once("result") { (_: isolated Socket) in 7 }
                main.once("one") { (_, text: String) in server.notes.add(text) }
                main.once("one result") { (_, text: String) in text.count }
                main.once("two") { (_, text: String, _: Int?) in server.notes.add(text) }
                main.once("two result") { (_, text: String, number: Int) in text.count + number }
                main.once("three") { (_, text: String, _: Int, _: Int) in server.notes.add(text) }
                main.once("three result") { (_, text: String, _: Int, _: Int) in text.count }
            } else {
                main.once("none") { _ async in await Task.yield() }
                main.once("result") { (_: isolated Socket) async in
                    await Task.yield()
                    return 7
                }
                main.once("one") { (_, text: String) async in
                    await Task.yield()
                    server.notes.add(text)
                }
                main.once("one result") { (_, text: String) async in
                    await Task.yield()
                    return text.count
                }
                main.once("two") { (_, text: String, _: Int?) async in
                    await Task.yield()
                    server.notes.add(text)
                }
                main.once("two result") { (_, text: String, number: Int) async in
                    await Task.yield()
                    return text.count + number
                }
                main.once("three") { (_, text: String, _: Int, _: Int) async in
                    await Task.yield()
                    server.notes.add(text)
                }
                main.once("three result") { (_, text: String, _: Int, _: Int) async in
                    await Task.yield()
                    return text.count
                }
            }
        } test: { server in
            let client = try await server.join()
            let sent = [
                #"["none"]"#, #"["result"]"#, #"["one","1"]"#, #"["one result","abc"]"#, #"["two","2"]"#,
                #"["two result","abc",1]"#, #"["three","3",1,1]"#, #"["three result","abcd",1,1]"#,
            ]
            for _ in 0..<2 { client.send(sent.enumerated().map { "2\($0.offset)\($0.element)" }) }
            #expect(
                try await client.next(8)
                    == ["430[]", "431[7]", "432[]", "433[3]", "434[]", "435[4]", "436[]", "437[4]"])
            server.main.emit("end")
            #expect(try await client.next() == #"42["end"]"#)
            #expect(server.notes.all == ["1", "2", "3"])
            #expect(server.main.eventNames.isEmpty)
        }
    }

    @Test("an event with wrong arguments is answered with an error and counts as the next event")
    func wrongArgument() async throws {
        try await TestServer.run { server in
            server.main.once("one") { (_, text: String) in text.count }
        } test: { server in
            let client = try await server.join()
            client.send([#"21["one",1]"#, #"22["one","abc"]"#])
            #expect(try await client.next() == #"431[{"error":"argument 0: expected String, found the number 1"}]"#)
            #expect(server.main.handlerCount(of: "one") == 0)
        }
    }
}
