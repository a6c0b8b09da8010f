import Cluster

/// What travels between a host and the broker.
enum BrokerItem {
    case subscribe(String)
    case unsubscribe(String)
    /// - Parameter previous: the number of the node's previous message in the namespace; nil if there is none.
    case message(OutgoingMessage, node: String, previous: UInt64?)
    /// - Parameter number: the asker's number of the question.
    /// With a stream, the last entry of the asker before is added by the broker.
    case question(BackplaneQuestion, number: UInt64, BackplaneAsker, after: EntryID? = nil)
    /// The broker has added a message to its stream.
    case confirmation(UInt64)
    /// The number of the other nodes that get a question, for its asker.
    case count(Int, number: UInt64)
    /// The number of the other nodes that get a message about sessions, for its sender.
    case hostCount(Int, HostMessage)
    /// A command about sessions that the broker keeps, and its answer.
    case command(SessionCommand, UInt64)
    case commandAnswer(UInt64, SessionAnswer)
    case answer(BackplaneAnswer, to: BackplaneAsker)
}

extension BackplaneAsker {
    /// The asker's number of the question.
    var number: UInt64 { UInt64(request) ?? 0 }
}
