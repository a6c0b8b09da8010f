import Actors
import Persistence

/// The chat: every message is stored, delivered to all clients in one order, and then acknowledged.
package enum Chat {
    /// The event in both directions. A client sends text and client offset; the server sends text and message id, and
    /// details of the message to clients that ask for them.
    package static let event = "chat message"
    /// The event with which a client reads older messages.
    package static let historyEvent = "chat history"
    /// The event with which a client asks who the server takes it for.
    package static let identityEvent = "chat identity"

    package static func install(on server: SocketServer, _ authentication: ChatAuthentication = .none) {
        let namespace = server.of("/")
        authentication.install(on: namespace)
        namespace.use { socket in try ChatName.check(socket) }
        namespace.storesMessages(as: event) { ChatIdentity.profile(of: $0) }
        namespace.on(event) { socket, event in
            do throws(Refusal) {
                guard ChatAction.send.isAllowed(to: socket.identity) else { throw .notAllowed }
                let message = try ChatMessage(event.arguments)
                socket.store(
                    MessageDraft(
                        clientOffset: message.clientOffset, content: message.text,
                        attribution: socket.messageProfile.attribution),
                    acknowledgement: event.acknowledgement)
            } catch {
                socket.countRefusedMessage()
                event.acknowledgement?([.json(error.answer)])
            }
        }
        namespace.on(identityEvent) { socket, event in
            event.acknowledgement?([.json(socket.messageProfile.attribution.jsonText)])
        }
        namespace.onExcess { socket, event, retryAfter in
            // Other clients do not know the answer, and the official client forgets a message with any answer.
            guard event.name == Chat.event, socket.messageProfile.form == .detailed else { return nil }
            return [.json(Refusal(description: "too many messages", retryAfter: retryAfter).answer)]
        }
        // A page may wait for the client's rate of the history. Its messages do not wait for the page.
        namespace.on(historyEvent, concurrently: true) { (socket: isolated Socket, event: Event) async throws in
            guard let acknowledgement = event.acknowledgement else { return }
            do throws(Refusal) {
                guard ChatAction.history.isAllowed(to: socket.identity) else { throw .notAllowed }
                let request = try ChatHistory(event.arguments)
                acknowledgement([.json(try await request.answer(from: socket))])
            } catch {
                acknowledgement([.json(error.answer)])
            }
        }
    }
}

/// A rejected request; the description is for the client.
struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String
    /// The time after which the client may send the request again; nil if it would be refused again.
    var retryAfter: Duration?

    /// The answer to the client: `{"error": …}`, with `"retryAfter"` in milliseconds if the client may try again.
    var answer: JSONText {
        var members = [("error", JSONText(string: description))]
        if let retryAfter {
            let milliseconds = (retryAfter / .milliseconds(1)).rounded(.up)
            members.append(("retryAfter", JSONText(integer: Int(milliseconds))))
        }
        return JSONText(object: members)
    }
}
