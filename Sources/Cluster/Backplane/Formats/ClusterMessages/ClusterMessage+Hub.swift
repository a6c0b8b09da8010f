import Actors

/// The hub's messages, questions and answers in the format of the official adapters.
extension ClusterMessage.Content {
    /// A message for all hosts; nil for a marker, which has another form, and for an event that cannot be sent.
    init?(_ message: BackplaneMessage) {
        switch message {
        case .event(let broadcast):
            guard let packet = broadcast.packet else { return nil }
            self = .broadcast(packet, broadcast.target, requestID: nil)
        case .change(let selection, .join(let rooms)): self = .join(MessageTarget(selection), rooms: rooms)
        case .change(let selection, .leave(let rooms)): self = .leave(MessageTarget(selection), rooms: rooms)
        case .change(let selection, .disconnect(let close)):
            self = .disconnect(MessageTarget(selection), close: close)
        case .serverEvent(let event): self = .serverEvent(event, requestID: nil)
        case .marker, .roomMarker, .host: return nil
        }
    }

    /// A question; nil for one that the format does not have, and for an event that cannot be sent.
    init?(_ question: BackplaneQuestion, requestID: String) {
        switch question {
        case .sockets(let selection): self = .fetch(MessageTarget(selection), requestID: requestID)
        case .clients(let broadcast):
            guard let packet = broadcast.packet else { return nil }
            self = .broadcast(packet, broadcast.target, requestID: requestID)
        case .servers(let event): self = .serverEvent(event, requestID: requestID)
        case .rooms: return nil
        }
    }

    /// An answer; nil for one that the format does not have.
    init?(_ answer: BackplaneAnswer, requestID: String) {
        switch answer {
        case .sockets(let sockets): self = .sockets(sockets.map { SocketDescription($0) }, requestID: requestID)
        case .clientCount(let count): self = .clientCount(count, requestID: requestID)
        case .acknowledgement(let arguments): self = .acknowledgement(arguments.first, requestID: requestID)
        case .result(let arguments): self = .serverAnswer(arguments.first, requestID: requestID)
        case .rooms: return nil
        }
    }

    /// The message for the hub; nil for a question, an answer and a heartbeat.
    func message(in namespace: String) -> BackplaneMessage? {
        switch self {
        case .broadcast(let packet, let target, nil):
            .event(Broadcast(packet, to: target, namespace: namespace))
        case .join(let target, let rooms): .change(target.selection(in: namespace), .join(rooms))
        case .leave(let target, let rooms): .change(target.selection(in: namespace), .leave(rooms))
        case .disconnect(let target, let close):
            .change(target.selection(in: namespace), .disconnect(close: close))
        case .serverEvent(let event, nil): .serverEvent(event)
        default: nil
        }
    }

    /// The question of another node, and its id; nil for something else.
    func question(in namespace: String) -> (question: BackplaneQuestion, requestID: String)? {
        switch self {
        case .broadcast(let packet, let target, let id?):
            (.clients(Broadcast(packet, to: target, namespace: namespace)), id)
        case .fetch(let target, let id): (.sockets(target.selection(in: namespace)), id)
        case .serverEvent(let event, let id?): (.servers(event), id)
        default: nil
        }
    }
}
