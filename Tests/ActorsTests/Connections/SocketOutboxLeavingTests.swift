import Testing

@testable import Actors

@Suite("Socket outbox of a socket that disconnects")
struct SocketOutboxLeavingTests {
    private static let key = SessionKey(id: .random())

    private static func emit(_ text: String) -> SocketOutbox.Entry {
        let broadcast = Broadcast(
            namespace: "/", rooms: [], exceptions: [], event: EncodedEvent(text: Array(text.utf8)), isVolatile: false)
        return .request(.emit(broadcast, sender: key))
    }

    private static func summary(_ action: SocketOutbox.Action?) -> String? {
        switch action {
        case .submit(.emit(let broadcast, let sender)):
            "emits \(String(decoding: broadcast.event.text, as: UTF8.self))\(sender == nil ? " without a sender" : "")"
        case .submit: "request"
        case .store(let draft): "stores \(String(decoding: draft.content, as: UTF8.self))"
        case .output: action.map { "writes \($0.name)" }
        case nil: nil
        }
    }

    /// Carries out all released entries.
    private static func released(_ outbox: inout SocketOutbox, isConnected: Bool) -> [String] {
        var all: [String] = []
        while let action = summary(outbox.next(isConnected: isConnected)) { all.append(action) }
        return all
    }

    @Test("while the client is connected, held entries are released when the message before them returns")
    func connected() {
        var outbox = SocketOutbox()
        #expect(Self.summary(outbox.add(SocketOutbox.Entry.message("m"), isConnected: true)) == "stores m")
        #expect(outbox.add(Self.emit("e"), isConnected: true) == nil)
        #expect(outbox.add(.write("o"), isConnected: true) == nil)
        #expect(outbox.heldCount == 2)
        #expect(outbox.messageReturned()?.draft.content == Array("m".utf8))
        #expect(Self.released(&outbox, isConnected: true) == ["emits e"])
        outbox.requestReturned()
        #expect(Self.released(&outbox, isConnected: true) == ["writes o"])
    }

    @Test("broadcasts of a closed socket wait for the results of earlier messages")
    func leaving() {
        var outbox = SocketOutbox()
        for name in ["m", "n"] { _ = outbox.add(SocketOutbox.Entry.message(name), isConnected: true) }
        _ = outbox.add(Self.emit("e"), isConnected: true)
        #expect(Self.released(&outbox, isConnected: false) == [])
        _ = outbox.messageReturned()
        #expect(outbox.awaitsResults)
        #expect(Self.released(&outbox, isConnected: false) == [])
        _ = outbox.messageReturned()
        #expect(Self.released(&outbox, isConnected: false) == ["emits e without a sender"])
    }

    @Test("a closed socket's output and broadcasts do not wait for echoes; its joins and messages are dropped")
    func gone() {
        var outbox = SocketOutbox()
        _ = outbox.add(Self.emit("a"), isConnected: true)
        for entry: SocketOutbox.Entry in [
            .write("o"), .request(.join(Self.key, room: "r")), SocketOutbox.Entry.message("m"), Self.emit("b"),
        ] {
            #expect(outbox.add(entry, isConnected: true) == nil)
        }
        #expect(Self.released(&outbox, isConnected: false) == ["writes o", "emits b without a sender"])
        #expect(!outbox.awaitsResults)
    }

    @Test("an action that ends the socket changes the actions after it")
    func endsInBetween() {
        var outbox = SocketOutbox()
        _ = outbox.add(SocketOutbox.Entry.message("m"), isConnected: true)
        for entry in [Self.emit("a"), Self.emit("b")] { _ = outbox.add(entry, isConnected: true) }
        _ = outbox.messageReturned()
        #expect(Self.summary(outbox.next(isConnected: true)) == "emits a")
        #expect(Self.summary(outbox.next(isConnected: false)) == "emits b without a sender")
    }
}
