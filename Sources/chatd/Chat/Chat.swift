import Actors

/// The chat: what anybody sends is stored, given to everybody in one order, and then acknowledged.
package enum Chat {
    /// The event in both directions: text and client offset from a client, text and message id to the clients, and what
    /// else is known of the message to those that ask for details.
    package static let event = "chat message"
    /// The event by which a client reads backwards.
    package static let historyEvent = "chat history"

    package static func install(on server: Server) {
        let namespace = server.of("/")
        namespace.storesMessages(as: event) { ChatIdentity.profile(of: $0.auth) }
        namespace.on(event) { socket, event in
            do throws(Refusal) {
                let message = try ChatMessage(event.arguments)
                socket.store(
                    MessageDraft(
                        clientOffset: message.clientOffset, content: message.text,
                        author: socket.messageProfile.author),
                    acknowledgement: event.acknowledgement)
            } catch {
                event.acknowledgement?([.json(error.answer)])
            }
        }
        namespace.on(historyEvent) { (socket: isolated Socket, event: Event) async throws in
            guard let acknowledgement = event.acknowledgement else { return }
            do throws(Refusal) {
                let request = try ChatHistory(event.arguments)
                acknowledgement([.json(try await request.answer(from: socket))])
            } catch {
                acknowledgement([.json(error.answer)])
            }
        }
    }
}

/// Something that is not done; the description is for the client.
struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String

    /// What the client gets: `{"error": …}`.
    var answer: JSONText { JSONText(object: [("error", JSONText(string: description))]) }
}
