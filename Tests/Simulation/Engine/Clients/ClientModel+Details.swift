import Actors

/// What a client may ask to be told beside text and id; it is asked for anew with each connection.
extension ClientModel {
    func judge(details: JSONText, of id: Int64) {
        cluster.record.note(.detailsReceived)
        let row = cluster.disk.row(id: id)
        cluster.record.require(
            row?.message.details == details, .detailsAreTrue, "client \(number) gets \(details) with \(id)")
    }

    /// - Parameter id: what the acknowledgement says; nil when it says nothing.
    func judge(_ id: Int64?, of message: Message) {
        guard asksForDetails || id != nil else { return }
        cluster.record.note(.acknowledgedWithID)
        let row = id.flatMap { cluster.disk.row(id: $0) }
        cluster.record.require(
            asksForDetails && row?.content == message.content, .detailsAreTrue,
            "client \(number): \(String(decoding: message.content, as: UTF8.self)) is acknowledged as \(id ?? 0)")
    }
}
