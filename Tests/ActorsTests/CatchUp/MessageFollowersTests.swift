import Testing
import Transport

@testable import Actors

@Suite("Message followers", .overDirectLink)
struct MessageFollowersTests {
    @Test(
        "a follower is either behind or live under its own message form; once removed, it is neither",
        arguments: MessageForm.allCases)
    func following(form: MessageForm) async throws {
        let other = try #require(MessageForm.allCases.first { $0 != form })
        let accepted = AcceptedSockets()
        try await TestServer.run { server in
            server.main.storesMessages(as: "message") { _ in MessageProfile(form: form) }
            server.main.onConnection { accepted.add($0) }
        } test: { server in
            try await server.connect().join()
            try await accepted.run(on: server) { sockets in
                let socket = try #require(sockets.first)
                let followers = MessageFollowers(
                    loop: server.loop, adapter: socket.worker.adapter, maxReads: 4, report: { _ in })
                followers.assumeIsolated { followers in
                    followers.fallBehind(socket)
                    #expect(followers.behind.count == 1 && followers.live(form).isEmpty)
                    followers.becomeLive(socket)
                    #expect(followers.behind.isEmpty && followers.live(other).isEmpty)
                    #expect(followers.live(form).contains(socket.id))
                    followers.fallBehind(socket)
                    #expect(followers.behind.count == 1 && followers.live(form).isEmpty)
                    followers.remove(socket)
                    #expect(followers.behind.isEmpty)
                    followers.becomeLive(socket)
                    followers.remove(socket)
                    #expect(followers.live(form).isEmpty)
                }
            }
        }
    }

    @Test("of the readers that scroll up, those above the limit wait until another one has ended")
    func scrolling() async throws {
        try await TestServer.run { server in
            let notes = server.notes
            let followers = MessageFollowers(
                loop: server.loop, adapter: server.link.adapter, maxReads: 2, report: { _ in })
            let socket = try #require(SessionID(String(repeating: "A", count: 20)))
            for number in 1...4 {
                server.loop.startTask {
                    await followers.beginScrolling(socket)
                    notes.add("\(number)")
                }
            }
            try await eventually { notes.all.count == 2 }
            for count in [3, 4] {
                server.loop.execute { followers.endScrolling() }
                try await eventually { notes.all.count == count }
            }
        }
    }
}
