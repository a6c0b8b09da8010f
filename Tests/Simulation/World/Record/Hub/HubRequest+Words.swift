import Actors

extension HubRequest {
    /// The text for the trace.
    var words: String {
        switch self {
        case .register(let registration): "registers \(registration.key.id)"
        case .unregister(let key, let isKept): "unregisters \(key.id)/\(key.ownerEpoch)\(isKept ? ", recoverable" : "")"
        case .claim(let claim):
            "claims \(claim.privateID?.description ?? "no session") at \(claim.offset ?? "no offset"), "
                + "number \(claim.number)"
        case .setData(let key, _): "sets the data of \(key.id)"
        case .join(let key, let room): "\(key.id)/\(key.ownerEpoch) joins \(room)"
        case .leave(let key, let room): "\(key.id)/\(key.ownerEpoch) leaves \(room)"
        case .emit(let broadcast, let sender):
            "\(Self.name(of: sender)) emits "
                + "\(EventText.number(in: broadcast.event.text) ?? 0) to \(broadcast.rooms)"
        case .store(let key, let draft):
            "\(key.id)/\(key.ownerEpoch) stores \(String(decoding: draft.content, as: UTF8.self))"
        case .subscribe(let key): "\(key.id)/\(key.ownerEpoch) subscribes"
        case .change(let selection, let change, let sender):
            "\(Self.name(of: sender)) orders \(change) for \(selection.rooms) except \(selection.exceptions)"
        case .fetch(let fetch, let sender):
            "\(Self.name(of: sender)) fetches \(fetch.selection.rooms) except \(fetch.selection.exceptions)"
        case .countWorkers(let number): "counts the workers, number \(number)"
        case .inquire(let inquiry, let sender):
            "\(Self.name(of: sender)) inquires \(inquiry.number): \(inquiry.target.words)"
        case .dismiss(let number): "dismisses its inquiry \(number)"
        case .answer(let report): "answers inquiry \(report.number): \(report.answers.count) answers, \(report.state)"
        case .emitToServers(let event): "emits \(event.name) to servers"
        case .open(let namespace): "opens \(namespace)"
        case .reportUse(let use): "reports \(use.connections) connections"
        }
    }

    private static func name(of sender: SessionKey?) -> String {
        sender.map { "\($0.id)/\($0.ownerEpoch)" } ?? "the server"
    }
}

extension Inquiry.Target {
    /// The text for the trace.
    fileprivate var words: String {
        switch self {
        case .clients(let broadcast):
            "\(EventText.number(in: broadcast.event.text) ?? 0) to \(broadcast.rooms) except \(broadcast.exceptions)"
        case .servers(let event): "\(event.name) to the other servers"
        }
    }
}

extension ClaimAnswer {
    /// The text for the trace.
    var words: String {
        switch self {
        case .refused(let trust): "refused, rows \(trust)"
        case .recovered(let session):
            "\(session.key.id)/\(session.key.ownerEpoch) in \(session.rooms) from row \(session.startRow), "
                + "position \(session.position), "
                + "missed \(session.missed.map { EventText.number(in: $0.event.text) ?? 0 })"
        }
    }
}
