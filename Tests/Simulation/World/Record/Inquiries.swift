import Actors
import SimulatedMachine
import Transport

/// The handlers' questions to several clients, or to the other servers, and their outcomes.
final class Inquiries {
    enum Recipients {
        /// Clients of all workers, which the hub selects.
        case clients
        /// Clients of the worker that asks.
        case localClients
        /// The other servers.
        case servers
    }

    private struct Entry {
        let recipients: Recipients
        /// The simulated time of the timeout, in milliseconds.
        let deadline: Int
        let isVolatile: Bool
        /// The sockets that the hub selected, each with the number of events that its session must get before.
        var selected: [SessionID: Int] = [:]
        /// The selected sockets that have since left their workers.
        var gone: Set<SessionID> = []
        /// True if a worker was lost after the hub ordered the inquiry.
        var hasLostWorker = false
        /// The time of the last step towards the end: the hub orders the question, or a recipient answers or goes.
        var lastProgress: Duration?
        /// The names of the recipients that got the question.
        var received: Set<String> = []
        /// The sizes of the answers by the names of their senders.
        var answers: [String: Int] = [:]
        var hasEnded = false
    }

    /// The longest time from the last answer or loss of a recipient to the end of the wait. Shorter timeouts are not
    /// checked.
    private static let patience = Duration.seconds(6)

    private let record: Record
    private let kernel: SimulatedKernel
    private let maxBytes: Int
    private let isOfSeveralHosts: Bool
    private var inquiries: [Int: Entry] = [:]
    /// The number of inquiries without an outcome.
    private(set) var openCount = 0

    /// - Parameter maxBytes: the limit of the answers to one inquiry.
    init(_ record: Record, _ kernel: SimulatedKernel, maxBytes: Int, isOfSeveralHosts: Bool) {
        self.isOfSeveralHosts = isOfSeveralHosts
        self.record = record
        self.kernel = kernel
        self.maxBytes = maxBytes
    }

    private func require(_ condition: Bool, _ number: Int, _ detail: @autoclosure () -> String) {
        record.require(condition, .manyAnswersAreExact, "inquiry \(number) \(detail())")
    }

    func began(_ number: Int, _ recipients: Recipients, isVolatile: Bool = false, until deadline: Int) {
        inquiries[number] = Entry(recipients: recipients, deadline: deadline, isVolatile: isVolatile)
        openCount += 1
    }

    // MARK: The hub

    /// Records the clients that the hub selects, or that it sends the question to the other servers.
    func ordered(_ target: Inquiry.Target, _ sessions: [HubOracle.Session]) {
        guard let number = target.number else { return }
        inquiries[number]?.lastProgress = kernel.elapsed
        guard case .clients(let question) = target else { return }
        for session in sessions where session.isConnected && session.isAddressed(by: question) {
            inquiries[number]?.selected[session.id] = session.expected.count
        }
    }

    /// Records that a session has left its worker.
    func left(_ id: SessionID) {
        for (number, inquiry) in inquiries where !inquiry.hasEnded && inquiry.selected[id] != nil {
            inquiries[number]?.gone.insert(id)
            progressed(number)
        }
    }

    func lostWorker() {
        for (number, inquiry) in inquiries where !inquiry.hasEnded {
            inquiries[number]?.hasLostWorker = true
            progressed(number)
        }
    }

    /// Records that the hub has ended, and with it the inquiries that it knows.
    func lostHub() {
        for (number, inquiry) in inquiries where !inquiry.hasEnded { inquiries[number]?.lastProgress = nil }
    }

    /// Records that a process or the machine continues, in which answers have waited.
    func resumed() {
        for (number, inquiry) in inquiries where !inquiry.hasEnded { progressed(number) }
    }

    private func progressed(_ number: Int) {
        if inquiries[number]?.lastProgress != nil { inquiries[number]?.lastProgress = kernel.elapsed }
    }

    // MARK: Recipients

    /// Checks that a client gets the question once, if the hub selected it, and at its place among the events.
    func received(_ number: Int, _ id: SessionID, _ session: HubOracle.Session?, after receivedCount: Int) {
        guard let inquiry = inquiries[number] else {
            return require(false, number, "reaches \(id) without a question")
        }
        require(
            inquiries[number]?.received.insert(id.description).inserted == true, number, "reaches \(id) twice")
        guard inquiry.recipients == .clients, let session else { return }
        guard let expected = inquiry.selected[id] else {
            return require(false, number, "reaches \(id), which the hub has not selected")
        }
        let missing = receivedCount < expected ? session.expected[receivedCount..<expected] : []
        require(
            receivedCount <= expected && missing.allSatisfy(\.isVolatile), number,
            "reaches \(id) after \(receivedCount) of its events instead of \(expected)")
    }

    /// Records an answer that a recipient sends.
    func answered(_ number: Int, by name: String, _ arguments: Arguments) {
        guard inquiries[number]?.answers[name] == nil else { return }
        let answer = EncodedArguments(text: Array(arguments.slice), attachments: arguments.attachments)
        inquiries[number]?.answers[name] = InquiryAnswer.arguments(answer).byteCount
        progressed(number)
    }

    /// Records that a server handles the question.
    func handled(_ number: Int, by name: String) {
        require(inquiries[number]?.received.insert(name).inserted == true, number, "reaches \(name) twice")
        progressed(number)
    }

    // MARK: Outcomes

    /// Checks the answers that the asking handler gets.
    /// - Parameters:
    ///   - reason: why answers are missing; nil if every recipient has answered.
    ///   - name: the name of the asking server.
    ///   - time: the simulated time, in milliseconds.
    func ended(
        _ number: Int, _ answers: [Arguments], _ reason: IncompleteAnswers.Reason?, by name: String, at time: Int
    ) {
        guard let inquiry = inquiries[number], !inquiry.hasEnded else {
            return require(false, number, "ends twice")
        }
        inquiries[number]?.hasEnded = true
        openCount -= 1
        var names: Set<String> = []
        // A host that stops answers without its workers.
        let isFromStoppedHost = { (answer: Arguments) in Array(answer) == [.json(.null)] }
        let stoppedHosts = inquiry.recipients == .servers ? answers.count(where: isFromStoppedHost) : 0
        require(
            stoppedHosts == 0 || isOfSeveralHosts && record.coverage[.stopRequested] > 0, number,
            "gets null, although no host stops")
        for answer in answers where stoppedHosts == 0 || !isFromStoppedHost(answer) {
            check(answer, number, inquiry, &names)
        }
        require(!names.contains(name), number, "is answered by the server that asks")
        let selected = Set(inquiry.selected.keys.map(\.description))
        let missing = selected.subtracting(names)
        switch reason {
        case nil:
            record.note(inquiry.recipients == .servers ? .serversAnswered : .clientsAnswered, answers.count)
            require(
                missing.isSubset(of: inquiry.gone.map(\.description)), number, "lacks the answers of \(missing)")
            guard inquiry.recipients == .servers else { return }
            let isWhole =
                names.isSubset(of: inquiry.received)
                && hosts(of: inquiry.received).subtracting(hosts(of: names)).count <= stoppedHosts
            let own = inquiry.received.filter { hosts(of: [$0]) == hosts(of: [name]) }
            require(isWhole && own.isSubset(of: names), number, "lacks the answers of servers")
        case .timedOut:
            record.note(.inquiryTimedOut)
            require(time >= inquiry.deadline, number, "times out before \(inquiry.deadline) ms")
            checkTimeout(number, inquiry)
        case .recipientsGone:
            record.note(.inquiryIncomplete)
            let isExplained =
                isOfSeveralHosts || inquiry.recipients != .clients || inquiry.isVolatile || inquiry.hasLostWorker
                || !missing.isEmpty
            require(isExplained, number, "is incomplete, although everyone has answered")
        case .tooLarge:
            record.note(.inquiryTooLarge)
            let size = inquiry.answers.values.reduce(0, +)
            // The sizes of servers' failures are unknown.
            require(
                size > maxBytes || inquiry.recipients == .servers, number, "is refused for \(size) bytes of answers")
        case .notSent:
            record.note(.inquiryTimedOut)
            require(
                time >= inquiry.deadline && inquiry.received.isEmpty && answers.isEmpty, number,
                "is given up although it was sent")
        case .eventTooLarge: require(false, number, "is refused for its size")
        case .failed:
            record.note(.serverFailed)
            require(inquiry.recipients == .servers, number, "fails at clients")
        case .senderGone, .closed: break
        }
    }

    /// The hosts of servers. The first result of a host is its answer to another host.
    private func hosts(of names: Set<String>) -> Set<String> {
        Set(names.map { String($0.drop { $0 != "o" }) })
    }

    /// Checks that somebody could still answer until recently.
    private func checkTimeout(_ number: Int, _ inquiry: Entry) {
        let silent = inquiry.selected.keys.filter {
            inquiry.answers[$0.description] == nil && !inquiry.gone.contains($0)
        }
        // Other hosts whose servers fail do not answer, and their answers may be lost.
        guard !isOfSeveralHosts, silent.isEmpty, let lastProgress = inquiry.lastProgress else { return }
        require(
            .milliseconds(inquiry.deadline) - lastProgress < Self.patience, number,
            "times out, although since \(lastProgress) nobody is left to answer")
    }

    /// Checks that a selected recipient has sent the answer, and that it is the first of this recipient.
    private func check(_ answer: Arguments, _ number: Int, _ inquiry: Entry, _ names: inout Set<String>) {
        let values = Array(answer)
        guard case .json(let last)? = values.last, let name = last.string, values.number == number else {
            return require(false, number, "gets the answer \(values)")
        }
        require(names.insert(name).inserted, number, "gets two answers of \(name)")
        require(
            inquiry.answers[name] != nil && inquiry.received.contains(name), number,
            "gets an answer that \(name) has not sent")
    }
}

extension Inquiry.Target {
    /// The number of the question.
    fileprivate var number: Int? {
        switch self {
        case .clients(let broadcast): EventText.number(in: broadcast.event.text)
        case .servers(let event):
            Int(String(decoding: event.arguments.text.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
        }
    }
}
