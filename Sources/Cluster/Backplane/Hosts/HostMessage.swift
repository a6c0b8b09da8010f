import Actors

/// What one chatd host tells the others about sessions, on a channel of their own that no other server reads.
///
/// A client that comes back at another host than before claims a session that the host does not have:
///
/// 1. The host *asks* the others.
/// 2. The host that owns the session handles what its worker has sent for it, and then publishes the *cut*. At the
///    place of the cut in the common order the session stops at its owner. The asking host takes the later events from
///    its own log.
/// 3. The owner *gives* the session. Hosts that do not have it, or keep it, answer *none*.
public struct HostMessage: Sendable, Equatable {
    /// The meaning of a message.
    enum Content: Sendable, Equatable {
        /// Asks all other hosts for sessions.
        case ask([SessionQuestion])
        /// The owner of these sessions lets them go at this place.
        case cut([QuestionName])
        /// The session that the question is about, as it was at the cut.
        case give(QuestionName, MovingSession)
        /// The host of this epoch does not have these sessions, or keeps them.
        case none([QuestionName], host: String, keeps: Bool)
    }

    /// The namespace of the sessions, with its leading slash.
    public let namespace: String
    let content: Content

    init(_ content: Content, in namespace: String) {
        self.content = content
        self.namespace = namespace
    }
}

/// Names a question of one host.
struct QuestionName: Sendable, Hashable {
    /// The epoch of the asking hub.
    let host: String
    /// The asking hub's number of the question.
    let number: UInt64
}

extension QuestionName: CustomStringConvertible {
    /// The text for traces.
    var description: String { "\(host) \(number)" }
}

extension HostMessage {
    /// The text for traces.
    package var words: String {
        switch content {
        case .ask(let questions): "question \(questions.map(\.name.description))"
        case .cut: "cut \(cuts)"
        case .give(let name, let session): "answer \(name): \(session.id)"
        case .none(let names, let host, let keeps):
            "answer \(names.map(\.description)): \(keeps ? "stays" : "not") at \(host)"
        }
    }

    /// The names of the questions whose sessions leave their owner at the place of the message.
    package var cuts: [String] {
        if case .cut(let names) = content { names.map(\.description) } else { [] }
    }
}
