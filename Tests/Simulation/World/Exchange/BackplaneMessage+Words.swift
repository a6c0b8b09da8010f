import Actors
import Cluster

extension BackplaneMessage {
    /// The name of the event or change, which is unique in a run.
    var name: String {
        switch self {
        case .event(let broadcast): Self.name(of: broadcast)
        case .change(let selection, _): Self.name(of: selection)
        case .serverEvent(let event): "server event \(event.name)"
        case .marker(let namespace): "marker of \(namespace)"
        case .roomMarker(let room): "marker of \(room.name) in \(room.namespace)"
        case .host(let message): message.words
        }
    }

    /// The name of an event or a change that is unique in a run; nil for another message.
    var uniqueName: String? {
        switch self {
        case .event(let broadcast): EventText.number(in: broadcast.event.text).map { "event \($0)" }
        case .change(let selection, _): selection.exceptions.first { $0.hasPrefix("operation ") }
        case .serverEvent, .marker, .roomMarker, .host: nil
        }
    }

    fileprivate static func name(of broadcast: Broadcast) -> String {
        EventText.number(in: broadcast.event.text).map { "event \($0)" } ?? "local event"
    }

    fileprivate static func name(of selection: SocketSelection) -> String {
        selection.exceptions.first ?? "a change"
    }

    /// The namespace that the message belongs to.
    var namespaceName: String {
        switch self {
        case .event(let broadcast): broadcast.namespace
        case .change(let selection, _): selection.namespace
        case .serverEvent(let event): event.namespace
        case .marker(let namespace): namespace
        case .roomMarker(let room): room.namespace
        case .host(let message): message.namespace
        }
    }
}

extension HubRequest {
    /// The name of the event or change that the request asks for; nil for other requests.
    var nameOfMessage: String? {
        switch self {
        case .emit(let broadcast, _): BackplaneMessage.name(of: broadcast)
        case .change(let selection, _, _): BackplaneMessage.name(of: selection)
        default: nil
        }
    }

    /// The session that sends the event or change.
    var senderOfMessage: SessionKey? {
        switch self {
        case .emit(_, let sender), .change(_, _, let sender): sender
        default: nil
        }
    }
}

extension BackplaneQuestion {
    /// The namespace that the question belongs to.
    var namespaceName: String {
        switch self {
        case .sockets(let selection): selection.namespace
        case .rooms(let namespace): namespace
        case .clients(let broadcast): broadcast.namespace
        case .servers(let event): event.namespace
        }
    }
}

extension BackplaneDelivery {
    /// The text for the trace.
    var words: String {
        switch self {
        case .received(let message, let row, _): "\(message.name), row \(row ?? 0)"
        case .hostsCounted(let message, let others): "\(others) other hosts for \(message.words)"
        case .asked(_, let asker): "a question of \(asker.node)"
        case .answered(let number, _): "an answer to question \(number)"
        case .kept(let number, let answer): "the answer to command \(number): \(answer.words)"
        default: "\(self)"
        }
    }
}
