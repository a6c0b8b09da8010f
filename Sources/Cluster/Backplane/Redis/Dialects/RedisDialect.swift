import Actors

/// The format of an official adapter in one namespace: its channels, and what messages look like.
protocol RedisDialect: Sendable {
    /// The id of this host among the nodes of the namespace.
    var uid: String { get }
    /// The channels to subscribe to.
    var channels: [String] { get }
    /// Another subscription; nil if the channels are enough.
    var pattern: String? { get }
    /// The channel to which each node has one subscription.
    var counted: String { get }

    /// The channel and the payload of a message; nil for one that has no official form.
    /// - Parameter stamp: the place among the host's messages; nil for a sender that numbers nothing.
    func encode(_ message: BackplaneMessage, _ stamp: EventStamp?) -> (channel: String, payload: [UInt8])?

    /// The channel and the payload of a question; nil for one that has no official form.
    /// - Parameter after: the entry of a stream that the asker had added before.
    func encode(
        _ question: BackplaneQuestion, requestID: String, after: EntryID?
    ) -> (channel: String, payload: [UInt8])?

    /// The channel and the payload of an answer.
    func encode(_ answer: BackplaneAnswer, to asker: BackplaneAsker) -> (channel: String, payload: [UInt8])

    /// Decodes a payload.
    /// - Returns: nil for one that is not for this host.
    /// - Throws: ``FormatError`` if it is malformed or exceeds a limit.
    func decode(_ payload: [UInt8], from channel: String) throws(FormatError) -> RedisContent?

    /// A name for a question.
    /// - Parameter random: 64 random bits.
    func makeRequestID(random: UInt64) -> String
}

/// What a payload contains.
enum RedisContent {
    case message(BackplaneMessage, EventStamp?)
    /// With the entry of a stream that the asker had added before, if it tells that.
    case question(BackplaneQuestion, BackplaneAsker, after: EntryID?)
    case answer(RedisAnswer)
}

/// The answer of another node to the question with this id.
struct RedisAnswer: Equatable {
    let requestID: String
    let answer: BackplaneAnswer
}
