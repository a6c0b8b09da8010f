import Transport

/// What one run shows: which steps happened, the rule that was broken first, and the trace.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class Record: @unchecked Sendable {
    private(set) var coverage = Coverage()
    private(set) var violation: Violation?
    private(set) var trace: [String] = []
    private let isTracing: Bool
    /// What differs between two runs of a seed: left out of the trace.
    var hiddenText: String?
    /// The number of steps so far.
    var time = 0

    init(isTracing: Bool) {
        self.isTracing = isTracing
    }

    func note(_ step: Step, _ count: Int = 1) {
        coverage.note(step, count)
    }

    /// - Parameter line: is made only when somebody wants to read it.
    func trace(_ line: @autoclosure () -> String) {
        guard isTracing else { return }
        let line = line()
        trace.append("\(time) \(hiddenText.map { line.replacing($0, with: "") } ?? line)")
    }

    /// Notes a broken rule; the run ends then.
    func require(_ condition: Bool, _ rule: Rule, _ detail: @autoclosure () -> String) {
        guard !condition, violation == nil else { return }
        let found = Violation(rule: rule, detail: detail(), step: time)
        violation = found
        if isTracing { trace.append("\(time) BROKEN \(found)") }
    }
}

/// What must hold in every run.
package enum Rule: String, Sendable {
    case rowsAreContiguous = "a client's rows are a contiguous slice of the one order"
    case acknowledgedIsStored = "what is acknowledged is stored"
    case ownRowFirst = "a live client has its own row before the acknowledgement"
    case detailsMatchRow = "the details of a message are those of its row, for whoever asks for them"
    case storedOnce = "nothing is stored twice"
    case storeReportsAreTrue = "what a store reports is what is in its database"
    case singleWriter = "a database has one writer, the latest"
    case eventsAreComplete = "a session gets every event for it, once, in order"
    case offsetIsCovered = "an offset tells of nothing that was not given before"
    case recoveryIsComplete = "a recovered session has everything it had"
    case noNeedlessRefusal = "a session that can be recovered is"
    case noUnexplainedDisconnect = "no connection ends and no message is sent again without a cause"
    case noBusyLoop = "a loop that has nothing to do sleeps"
    case confirmedStateIsKept = "what a client was told of survives"
    case handlerOrderIsKept = "what a handler does in sequence, its client sees in sequence"
    case dataIsIntact = "binary data arrives as it was sent"
    case answersAreCorrect = "a question is asked once, and its answer is the client's, once and in time"
    case handlersAreSerial = "the handlers of a socket run one at a time, its last when it is gone"
    case historyIsContiguous = "what is read backwards is a contiguous slice of the one order"
    case senderOrder = "messages of one sender are stored in its order"
    case exitHasCause = "a process ends for a cause, with its status"
    case stopIsGraceful = "an orderly stop tells its clients, and leaves nothing behind"
    case settles = "everything comes to rest when faults end"
}

/// A rule that was broken.
package struct Violation: Error, Sendable, CustomStringConvertible {
    package let rule: Rule
    package let detail: String
    /// After how many steps.
    package let step: Int

    package var description: String { "\(rule.rawValue): \(detail)" }
}

extension Record: LoopObserver {
    func noted(_ incident: LoopIncident) {
        note(Step(incident))
    }
}

extension Step {
    fileprivate init(_ incident: LoopIncident) {
        self =
            switch incident {
            case .lingerEnded: .lingerEnded
            case .lingerReset: .lingerReset
            case .connectionRefused: .connectionRefused
            case .overflowed: .overflowed
            case .heartbeatSuspended: .heartbeatSuspended
            case .pingTimedOut: .pingTimedOut
            case .writesHeld: .writesHeld
            case .becameSlow: .becameSlow
            case .becameLive: .becameLive
            case .recentGiven: .recentGiven
            case .pageCut: .pageCut
            case .creditExhausted: .creditExhausted
            case .linkCongested: .linkCongested
            }
    }
}
