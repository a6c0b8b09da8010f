import Persistence

@testable import Actors

/// An outbox of a connected socket, driven by a script of short steps.
///
/// The steps `r1`, `m1` and `o1` add a request, a message and an output. The steps `r<` and `m<` return the oldest
/// request and the oldest message.
struct OutboxScript {
    private static let key = SessionKey(id: .random())

    private(set) var outbox = SocketOutbox()

    /// Performs one step.
    /// - Returns: The entries carried out at this step, in order.
    mutating func perform(_ step: String) -> [String] {
        switch step {
        case "r<": outbox.requestReturned()
        case "m<": _ = outbox.messageReturned()
        default: return outbox.add(Self.entry(step), isConnected: true).map { [$0.name] } ?? []
        }
        var names: [String] = []
        while let action = outbox.next(isConnected: true) { names.append(action.name) }
        return names
    }

    private static func entry(_ name: String) -> SocketOutbox.Entry {
        switch name.first {
        case "r": .request(.join(key, room: name))
        case "m": .message(name)
        default: .write(name)
        }
    }
}

extension SocketOutbox.Entry {
    static func message(_ content: String) -> Self {
        .message(
            .init(
                draft: MessageDraft(clientOffset: nil, content: Array(content.utf8)), acknowledgement: nil,
                receivedAt: .now))
    }

    static func write(_ text: String) -> Self {
        .output(.event(EncodedEvent(text: Array(text.utf8)), isVolatile: false, wantsAnswer: false))
    }
}

extension SocketOutbox.Action {
    /// The name of the step that added the entry.
    var name: String {
        switch self {
        case .submit(.join(_, let room)): room
        case .store(let draft): String(decoding: draft.content, as: UTF8.self)
        case .output(.event(let event, _, _)): String(decoding: event.text, as: UTF8.self)
        default: "\(self)"
        }
    }
}
