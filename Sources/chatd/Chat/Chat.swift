import Actors

/// The chat: what anybody sends is stored, given to everybody in one order, and then acknowledged.
enum Chat {
    /// The event in both directions: text and client offset from a client, text and message id to the clients.
    static let event = "chat message"

    static func install(on server: Server) {
        let namespace = server.of("/")
        namespace.storesMessages(as: event)
        namespace.on(event) { socket, event in
            do throws(ChatMessage.Refusal) {
                let message = try ChatMessage(event.arguments)
                socket.store(
                    MessageDraft(clientOffset: message.clientOffset, content: message.text),
                    acknowledgement: event.acknowledgement)
            } catch {
                let refusal = JSONText(object: [("error", JSONText(string: error.description))])
                event.acknowledgement?([.json(refusal)])
            }
        }
    }
}
