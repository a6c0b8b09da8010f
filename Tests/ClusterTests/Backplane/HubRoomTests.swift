import Actors
import Persistence
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("A hub and the rooms that it must open at its backplane")
struct HubRoomTests {
    private let loop: EventLoop
    private let broker = MemoryBroker()
    private let host: HubHost

    /// A connected host with the sockets A and B.
    init() async throws {
        loop = try EventLoop.start(name: "hub")
        host = await HubHost(on: loop, broker)
        let backplane = host.backplane
        await run { backplane.deliver(.connected) }
        await host.receive(try .register("A"), try .register("B"))
        await deliver()
    }

    private func run(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                work()
                continuation.resume()
            }
        }
    }

    private func deliver() async {
        let broker = broker
        await run { broker.deliver() }
    }

    @Test("a room is open from the first socket that joins to the last one that leaves")
    func members() async throws {
        defer { loop.stop() }
        await host.receive(try .join("A", "#r"))
        #expect(host.backplane.roomChanges == ["open / #r"] && host.events == [])
        await deliver()
        #expect(host.events == ["A joined #r"])
        await host.receive(try .join("B", "#r"), try .leave("A", "#r"))
        #expect(host.events.suffix(2) == ["B joined #r", "A left #r"])
        #expect(Set(host.backplane.roomChanges) == ["open / #r"])
        await host.receive(try .leave("B", "#r"))
        #expect(host.backplane.roomChanges.last == "close / #r")
    }

    @Test("a room whose only socket has gone before it could join is closed")
    func gone() async throws {
        defer { loop.stop() }
        await host.receive(try .join("A", "#r"))
        await host.receive(.change(.of("A"), .disconnect(close: false), sender: nil))
        let key = try SessionKey("A")
        await host.receive(.unregister(key, isKept: false))
        await deliver()
        #expect(host.backplane.roomChanges.last == "close / #r")
    }

    @Test("a room stays open while a lost socket may come back")
    func lost() async throws {
        defer { loop.stop() }
        await host.receive(try .join("A", "#r"))
        await deliver()
        await host.receive(.unregister(try SessionKey("A"), isKept: true))
        await host.receive(try .leave("B", "other"))
        #expect(Set(host.backplane.roomChanges) == ["open / #r"])
    }

    @Test("rooms that sockets are made to join are opened too")
    func socketsJoin() async throws {
        defer { loop.stop() }
        await host.receive(.change(.everyone, .join(["#r", "other"]), sender: nil))
        await deliver()
        #expect(host.backplane.roomChanges == ["open / #r"])
        await host.receive(.change(.everyone, .leave(["#r"]), sender: nil))
        await deliver()
        #expect(host.backplane.roomChanges == ["open / #r", "close / #r"])
    }
}

extension SocketSelection {
    fileprivate static let everyone = SocketSelection(namespace: "/", rooms: [], exceptions: [])

    fileprivate static func of(_ room: String) -> SocketSelection {
        SocketSelection(namespace: "/", rooms: [room], exceptions: [])
    }
}
