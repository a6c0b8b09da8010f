import Actors

/// What a client may ask to be told beside text and id; it is asked for anew with each connection.
extension SimulatedClient {
    func judge(details: JSONText, of id: Int64) {
        world.record.note(.detailsReceived)
        let row = world.disk.row(id: id)
        world.record.require(
            row?.message.details == details, .detailsAreTrue, "client \(number) gets \(details) with \(id)")
    }

    /// - Parameter id: what the acknowledgement says; nil when it says nothing.
    func judge(_ id: Int64?, of message: Message) {
        guard asksForDetails || id != nil else { return }
        world.record.note(.acknowledgedWithID)
        let row = id.flatMap { world.disk.row(id: $0) }
        world.record.require(
            asksForDetails && row?.content == message.content, .detailsAreTrue,
            "client \(number): \(String(decoding: message.content, as: UTF8.self)) is acknowledged as \(id ?? 0)")
    }
}
