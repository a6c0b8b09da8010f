/// News about one inquiry: answers that have arrived, or its end. A worker that was asked sends reports to the hub,
/// which passes them on to the worker that asks.
public struct InquiryReport: Sendable, Equatable {
    /// Whether more answers may follow.
    public enum State: Sendable {
        /// More answers may follow.
        case open
        /// Every recipient has answered.
        case complete
        /// No more answers follow, although some recipients have not answered: they are gone.
        case incomplete
        /// The answers exceed the limit of the inquiry. The remaining ones are dropped.
        case tooLarge
        /// The inquiry was not sent, because the worker no longer owns the sender's session.
        case dropped
    }

    /// In the report of a worker that was asked, the number that the hub gave the inquiry. In the hub's report, the
    /// number that the asking worker gave it.
    public let number: UInt64
    /// The answers that have arrived since the last report, each of another recipient.
    public let answers: [InquiryAnswer]
    /// Whether more answers may follow.
    public let state: State

    /// Creates a report. The properties explain the parameters.
    public init(number: UInt64, answers: [InquiryAnswer] = [], state: State) {
        self.number = number
        self.answers = answers
        self.state = state
    }
}

/// The answer of one client or worker.
public enum InquiryAnswer: Sendable, Equatable {
    /// The arguments of a client's acknowledgement, or the result of a worker's handler.
    case arguments(EncodedArguments)
    /// A worker has no handler of the event, or its handler failed. The text describes the reason.
    case failure(String)

    /// The approximate size of the answer in memory and on a link, in bytes.
    public var byteCount: Int {
        switch self {
        case .arguments(let arguments): arguments.byteCount + 64
        case .failure(let reason): reason.utf8.count + 64
        }
    }
}
