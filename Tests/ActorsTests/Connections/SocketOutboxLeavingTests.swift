import Testing

@testable import Actors

@Suite("Socket outbox: what becomes of what a socket does when its client is gone")
struct SocketOutboxLeavingTests {
    private static let key = SessionKey(id: .random())

    private static func emit(_ text: String) -> SocketOutbox.Entry {
        let broadcast = Broadcast(
            namespace: "/", rooms: [], exceptions: [], event: EncodedEvent(text: Array(text.utf8)), isVolatile: false)
        return .request(.emit(broadcast, sender: key))
    }

    private static func words(_ action: SocketOutbox.Action?) -> String? {
        switch action {
        case .submit(.emit(let broadcast, let sender)):
            "\(sender == nil ? "nobody" : "socket") emits \(String(decoding: broadcast.event.text, as: UTF8.self))"
        case .submit: "request"
        case .store(let draft): "stores \(String(decoding: draft.content, as: UTF8.self))"
        case .output: action.map { "writes \($0.word)" }
        case nil: nil
        }
    }

    /// Everything that may be carried out now.
    private static func rest(_ outbox: inout SocketOutbox, isConnected: Bool) -> [String] {
        var all: [String] = []
        while let word = words(outbox.next(isConnected: isConnected)) { all.append(word) }
        return all
    }

    @Test("while the client is there, what was held follows its message")
    func connected() {
        var outbox = SocketOutbox()
        #expect(Self.words(outbox.add(SocketOutbox.Entry.message("m"), isConnected: true)) == "stores m")
        #expect(outbox.add(Self.emit("e"), isConnected: true) == nil)
        #expect(outbox.add(.write("o"), isConnected: true) == nil)
        #expect(outbox.heldCount == 2)
        #expect(outbox.messageReturned()?.draft.content == Array("m".utf8))
        #expect(Self.rest(&outbox, isConnected: true) == ["socket emits e"])
        outbox.requestReturned()
        #expect(Self.rest(&outbox, isConnected: true) == ["writes o"])
    }

    @Test("behind messages on their way, what it told the others waits for the results also when it is gone")
    func leaving() {
        var outbox = SocketOutbox()
        for name in ["m", "n"] { _ = outbox.add(SocketOutbox.Entry.message(name), isConnected: true) }
        _ = outbox.add(Self.emit("e"), isConnected: true)
        #expect(Self.rest(&outbox, isConnected: false) == [])
        _ = outbox.messageReturned()
        #expect(outbox.awaitsResults)
        #expect(Self.rest(&outbox, isConnected: false) == [])
        _ = outbox.messageReturned()
        #expect(Self.rest(&outbox, isConnected: false) == ["nobody emits e"])
    }

    @Test("what waits for a request waits no more when nothing comes back; joins and messages are for nobody")
    func gone() {
        var outbox = SocketOutbox()
        _ = outbox.add(Self.emit("a"), isConnected: true)
        for entry: SocketOutbox.Entry in [
            .write("o"), .request(.join(Self.key, room: "r")), SocketOutbox.Entry.message("m"), Self.emit("b"),
        ] {
            #expect(outbox.add(entry, isConnected: true) == nil)
        }
        #expect(Self.rest(&outbox, isConnected: false) == ["writes o", "nobody emits b"])
        #expect(!outbox.awaitsResults)
    }

    @Test("one that ends the socket changes what becomes of those behind it")
    func endsInBetween() {
        var outbox = SocketOutbox()
        _ = outbox.add(SocketOutbox.Entry.message("m"), isConnected: true)
        for entry in [Self.emit("a"), Self.emit("b")] { _ = outbox.add(entry, isConnected: true) }
        _ = outbox.messageReturned()
        #expect(Self.words(outbox.next(isConnected: true)) == "socket emits a")
        #expect(Self.words(outbox.next(isConnected: false)) == "nobody emits b")
    }
}
