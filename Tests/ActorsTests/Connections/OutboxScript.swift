import Persistence

@testable import Actors

/// An outbox that is told in words what a connected socket does and what comes back.
///
/// `o1`, `m1` and `w1` are a request, a message and an output (something written) that the socket does; `o<` and
/// `m<` say that the oldest request, or the oldest message, has come back.
struct OutboxScript {
    private static let key = SessionKey(id: .random())

    private(set) var outbox = SocketOutbox()

    /// - Returns: what is carried out at this step, in order.
    mutating func perform(_ step: String) -> [String] {
        switch step {
        case "o<": outbox.requestReturned()
        case "m<": _ = outbox.messageReturned()
        default: return outbox.add(Self.entry(step), isConnected: true).map { [$0.word] } ?? []
        }
        var words: [String] = []
        while let action = outbox.next(isConnected: true) { words.append(action.word) }
        return words
    }

    private static func entry(_ word: String) -> SocketOutbox.Entry {
        switch word.first {
        case "o": .request(.join(key, room: word))
        case "m": .message(word)
        default: .write(word)
        }
    }
}

extension SocketOutbox.Entry {
    static func message(_ content: String) -> Self {
        .message(.init(draft: MessageDraft(clientOffset: nil, content: Array(content.utf8)), acknowledgement: nil))
    }

    static func write(_ text: String) -> Self {
        .output(.event(EncodedEvent(text: Array(text.utf8)), isVolatile: false, wantsAnswer: false))
    }
}

extension SocketOutbox.Action {
    /// The word that brought it.
    var word: String {
        switch self {
        case .submit(.join(_, let room)): room
        case .store(let draft): String(decoding: draft.content, as: UTF8.self)
        case .output(.event(let event, _, _)): String(decoding: event.text, as: UTF8.self)
        default: "\(self)"
        }
    }
}
