import Testing

@testable import Actors

@Suite("Socket actions: what becomes of what a socket does when its client is gone")
struct SocketActionsTests {
    private typealias Actions = SocketActions<String, String>

    private static let key = SessionKey(id: .random())

    private static func emit(_ text: String) -> Actions.Entry {
        let broadcast = Broadcast(
            namespace: "/", rooms: [], exceptions: [], event: EncodedEvent(text: Array(text.utf8)), isVolatile: false)
        return .operation(.emit(broadcast, sender: key))
    }

    private static func message(_ text: String) -> Actions.Entry {
        .message(Actions.Request(draft: MessageDraft(clientOffset: nil, content: Array(text.utf8)), answer: text))
    }

    private static func words(_ action: Actions.Action?) -> String? {
        switch action {
        case .submit(.emit(let broadcast, let sender)):
            "\(sender == nil ? "nobody" : "socket") emits \(String(decoding: broadcast.event.text, as: UTF8.self))"
        case .submit: "operation"
        case .store(let draft): "stores \(String(decoding: draft.content, as: UTF8.self))"
        case .output(let output): "writes \(output)"
        case nil: nil
        }
    }

    /// Everything that may be carried out now.
    private static func rest(_ actions: inout Actions, isConnected: Bool) -> [String] {
        var all: [String] = []
        while let word = words(actions.next(isConnected: isConnected)) { all.append(word) }
        return all
    }

    @Test("while the client is there, what was held follows its message")
    func connected() {
        var actions = Actions()
        #expect(Self.words(actions.perform(Self.message("m"), isConnected: true)) == "stores m")
        #expect(actions.perform(Self.emit("e"), isConnected: true) == nil)
        #expect(actions.perform(.output("o"), isConnected: true) == nil)
        #expect(actions.heldCount == 2)
        #expect(actions.takeRequest()?.answer == "m")
        actions.messageReturned()
        #expect(Self.rest(&actions, isConnected: true) == ["socket emits e"])
        actions.operationReturned()
        #expect(Self.rest(&actions, isConnected: true) == ["writes o"])
    }

    @Test("behind messages on their way, what it told the others waits for the results also when it is gone")
    func leaving() {
        var actions = Actions()
        for name in ["m", "n"] { _ = actions.perform(Self.message(name), isConnected: true) }
        _ = actions.perform(Self.emit("e"), isConnected: true)
        #expect(Self.rest(&actions, isConnected: false) == [])
        _ = actions.takeRequest()
        actions.messageReturned()
        #expect(actions.awaitsResults)
        #expect(Self.rest(&actions, isConnected: false) == [])
        _ = actions.takeRequest()
        actions.messageReturned()
        #expect(Self.rest(&actions, isConnected: false) == ["nobody emits e"])
    }

    @Test("what waits for an operation waits no more when nothing comes back; joins and messages are for nobody")
    func gone() {
        var actions = Actions()
        _ = actions.perform(Self.emit("a"), isConnected: true)
        for entry in [.output("o"), .operation(.join(Self.key, room: "r")), Self.message("m"), Self.emit("b")] {
            #expect(actions.perform(entry, isConnected: true) == nil)
        }
        #expect(Self.rest(&actions, isConnected: false) == ["writes o", "nobody emits b"])
        #expect(!actions.awaitsResults)
    }

    @Test("one that ends the socket changes what becomes of those behind it")
    func endsInBetween() {
        var actions = Actions()
        _ = actions.perform(Self.message("m"), isConnected: true)
        for entry in [Self.emit("a"), Self.emit("b")] { _ = actions.perform(entry, isConnected: true) }
        _ = actions.takeRequest()
        actions.messageReturned()
        #expect(Self.words(actions.next(isConnected: true)) == "socket emits a")
        #expect(Self.words(actions.next(isConnected: false)) == "nobody emits b")
    }
}
