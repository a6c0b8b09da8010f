import Actors
import Persistence

/// A request of the event `chat history`: `{"before": id or null, "limit": 1…200}`. It asks for the messages before an
/// id, or for the latest ones.
struct ChatHistory: Equatable {
    static let maxCount = 200
    /// The largest size of the text in a page, in bytes. A page exceeds this only if it is a single larger message.
    static let maxBytes = 64 * 1024

    let before: Int64?
    let limit: Int

    /// - Throws: ``Refusal`` for arguments of any other form.
    init(_ arguments: Arguments) throws(Refusal) {
        guard case .json(let options)? = arguments.first, options.kind == .object else {
            throw Refusal(description: "the argument is not an object")
        }
        before = try Self.before(options["before"])
        guard let limit = options["limit"]?.integer, (1...Self.maxCount).contains(limit) else {
            throw Refusal(description: "limit is not a whole number from 1 to \(Self.maxCount)")
        }
        self.limit = limit
    }

    private static func before(_ value: JSONText?) throws(Refusal) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let id = value.integer, id >= 0 else {
            throw Refusal(description: "before is neither a message's id nor null")
        }
        return Int64(id)
    }

    /// The answer: `{"messages": [[id, text, time], …], "more": …}`, oldest first. Times are milliseconds since 1970,
    /// or 0 if unknown. A client that asks for details gets them in place of the time.
    /// - Throws: ``Refusal`` if the messages cannot be read.
    func answer(from socket: isolated Socket) async throws(Refusal) -> JSONText {
        let page: HistoryPage
        do {
            page = try await socket.messages(before: before, maxCount: limit, maxBytes: Self.maxBytes)
        } catch {
            throw Refusal(description: "the messages cannot be read now")
        }
        return Self.answer(page, socket.messageProfile.form)
    }

    static func answer(_ page: HistoryPage, _ form: MessageForm) -> JSONText {
        let messages = page.messages.map { message in
            JSONText(array: [
                JSONText(integer: Int(message.id)), JSONText(utf8String: message.content),
                form == .detailed ? message.details : JSONText(integer: Int(message.storedAt)),
            ])
        }
        return JSONText(object: [
            ("messages", JSONText(array: messages)), ("more", JSONText(bool: !page.reachesEnd)),
        ])
    }
}
