import Transport

/// The results of one run: step counts, the first broken rule, and the trace.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class Record: @unchecked Sendable {
    private(set) var coverage = Coverage()
    private(set) var violation: Violation?
    private(set) var trace: [String] = []
    private let isTracing: Bool
    /// Text that differs between two runs of a seed, such as a temporary path. It is removed from the trace.
    var hiddenText: String?
    /// The order of messages at all hosts.
    var sharedOrder = SharedOrder()
    /// The number of steps so far.
    var time = 0

    init(isTracing: Bool) {
        self.isTracing = isTracing
    }

    func note(_ step: Step, _ count: Int = 1) {
        coverage.note(step, count)
    }

    /// - Parameter line: evaluated only while tracing.
    func trace(_ line: @autoclosure () -> String) {
        guard isTracing else { return }
        let line = line()
        trace.append("\(time) \(hiddenText.map { line.replacing($0, with: "") } ?? line)")
    }

    /// Records a broken rule. The first one ends the run.
    func require(_ condition: Bool, _ rule: Rule, _ detail: @autoclosure () -> String) {
        guard !condition, violation == nil else { return }
        let found = Violation(rule: rule, detail: detail(), step: time)
        violation = found
        if isTracing { trace.append("\(time) BROKEN \(found)") }
    }
}

/// The rules that must hold in every run.
package enum Rule: String, Sendable {
    case rowsAreContiguous = "a client receives stored messages in id order without gaps"
    case acknowledgedIsStored = "every acknowledged message is stored"
    case ownRowFirst = "a live client receives its own message before the acknowledgement"
    case detailsMatchRow = "message details match the stored row and are sent only on request"
    case authorIsSender = "a message has the author of a client that sent it"
    case storedOnce = "no message is stored twice"
    case storeReportsAreTrue = "the store's reports and pages match the committed rows"
    case singleWriter = "only the latest server writes to the database"
    case eventsAreComplete = "a session receives each of its events once and in order"
    case offsetIsCovered = "an offset covers only events and messages that the client has received"
    case recoveryIsComplete = "a recovered session has its rooms and its data"
    case recoveryMissesNothing = "a recovered session has missed no event of another host"
    case hostsShareOneOrder = "each host applies the messages of all hosts once, and in the broker's order"
    case sessionIsAtOneHost = "a session is at one host at a time, and changes hosts at one place of the order"
    case rowsPrecedeEvents = "an event follows the messages that its host had published before it"
    case cutOffHostContinues = "a host that is cut off from the others continues alone"
    case noNeedlessRefusal = "a recoverable session is recovered"
    case noUnexplainedDisconnect = "without faults, no connection ends and no message is resent"
    case workerOutputIsRead = "the supervisor reads everything that an ended worker wrote"
    case noBusyLoop = "an idle event loop sleeps"
    case confirmedStateIsKept = "acknowledged joins, leaves and disconnects stay in effect"
    case handlerOrderIsKept = "a client receives a handler's output in the order of the handler's calls"
    case fetchesAreExact = "a fetch returns the connected sockets, with the rooms and data that the hub has ordered"
    case dataIsIntact = "binary data arrives unchanged"
    case answersAreCorrect = "each question is sent once and ends once: with the client's answer or at its deadline"
    case manyAnswersAreExact =
        "an event to many reaches each recipient once, in its place, and its answers are one of each recipient"
    case handlersAreSerial = "the handlers of a socket run one at a time, including its disconnect handler"
    case historyIsContiguous = "history pages are contiguous slices of the stored messages"
    case senderOrder = "messages of one sender are stored in sending order"
    case exitHasCause = "a process exits only for a known cause, with the matching status"
    case stopIsGraceful = "a graceful stop notifies clients, stores all messages and releases workers and ports"
    case requestsReachTheirWorker = "a request reaches the worker of its session while that worker lives"
    case settles = "without further faults, the system becomes idle with all work done"
}

/// A rule that was broken.
package struct Violation: Error, Sendable, CustomStringConvertible {
    package let rule: Rule
    package let detail: String
    /// The number of steps before the violation.
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
            case .connectionsPaused: .connectionsPaused
            case .becameSlow: .becameSlow
            case .becameLive: .becameLive
            case .historyPaused: .historyPaused
            case .pageFromMemory: .pageFromMemory
            case .pageTruncated: .pageTruncated
            case .creditExhausted: .creditExhausted
            case .linkCongested: .linkCongested
            case .connectionPassedOn: .connectionPassedOn
            case .newSessionPassedOn: .newSessionPassedOn
            case .passingDelayed: .passingDelayed
            case .connectionTakenOver: .connectionTakenOver
            case .connectionNotPassedOn: .connectionRefusedForEnd
            }
    }
}
