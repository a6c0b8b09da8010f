import Actors
import Transport

/// Questions to the other hosts, and theirs to this one.
extension Hub {
    /// The largest answer to a question of another host, in bytes, and to an inquiry of one.
    private static let maxAnswerBytes = 4 << 20
    /// How long the hub waits for the sockets of other hosts.
    private static let fetchTimeout = Duration.seconds(5)
    /// How long this host's clients and handlers may take to answer another host.
    private static let askedTimeout = Duration.seconds(60)

    /// Asks the other hosts for their sockets. This host's own are those of this place in the order.
    func fetchFromAll(_ fetch: SocketFetch, by sender: SessionKey?, from incarnation: Incarnation) {
        var pending = HostQuestions.PendingFetch(
            fetch: fetch, sender: sender, incarnation: incarnation,
            credit: HubRequest.fetch(fetch, sender: sender).cost, deadline: loop.now + Self.fetchTimeout,
            sockets: [], byteCount: 0, count: 0)
        switch machine.answer(fetch) {
        case .sockets(let sockets): pending.add(sockets)
        case .tooLarge, .workers, .refused: return order([.fetch(fetch, sender: sender)], from: incarnation)
        }
        observer?.received([.fetch(fetch, sender: sender)], from: incarnation, at: loop.now)
        publishMessages()
        backplane?.ask(.sockets(fetch.selection), questions.ask(.fetch(pending)))
    }

    /// Ends the fetches that another host has not answered in time, and the questions of other hosts that have not been
    /// answered here.
    func expireQuestions(at now: ContinuousClock.Instant) {
        for (number, pending) in questions.removeOverdue(at: now) {
            backplane?.dismiss(number)
            var output = HubStateMachine.Output()
            output.append(
                .fetched(pending.fetch.number, pending.sender, .refused, credit: pending.credit),
                for: pending.incarnation)
            send(output)
        }
        for number in questions.endOverdueAsked(at: now) { dismissInquiry(number) }
    }

    /// Handles the events for what stands for the other hosts in inquiries.
    func tellOthers(_ events: [HubEvent]) {
        for event in events {
            switch event {
            case .inquired(let id, let target):
                publishMessages()
                let number = questions.ask(.inquiry(id))
                switch target {
                case .clients(let broadcast): backplane?.ask(.clients(broadcast), number)
                case .servers(let event): backplane?.ask(.servers(event), number)
                }
            case .dismissed(let id): if let number = questions.end(inquiry: id) { backplane?.dismiss(number) }
            case .answered(let report): answerOthers(report)
            default: break
            }
        }
    }

    /// Handles an answer of another host.
    func answered(_ number: UInt64, _ answer: BackplaneAnswer) {
        switch (questions[number], answer) {
        case (.fetch(var pending), .sockets(let sockets)):
            pending.add(sockets)
            questions[number] = .fetch(pending)
        case (.inquiry(let id), .acknowledgement(let arguments)), (.inquiry(let id), .result(let arguments)):
            report(to: InquiryReport(number: id, answers: [.arguments(arguments)], state: .open))
        default: break
        }
    }

    /// No further answers of other hosts follow.
    func questionEnded(_ number: UInt64, isComplete: Bool) {
        switch questions[number] {
        case .fetch(let pending):
            var output = HubStateMachine.Output()
            // A list that may lack sockets is not given out.
            output.append(
                .fetched(
                    pending.fetch.number, pending.sender, isComplete ? pending.answer : .refused,
                    credit: pending.credit), for: pending.incarnation)
            send(output)
        case .inquiry(let id): report(to: InquiryReport(number: id, state: isComplete ? .complete : .incomplete))
        case nil: break
        }
        questions[number] = nil
    }

    private func report(to report: InquiryReport) {
        var output = HubStateMachine.Output()
        machine.answer(report, from: .others, into: &output)
        send(output)
    }

    // MARK: Questions of other hosts

    /// Answers another host, at once or when clients or workers have answered.
    func asked(_ question: BackplaneQuestion, by asker: BackplaneAsker) {
        switch question {
        case .sockets(let selection):
            let fetch = SocketFetch(number: 0, selection: selection, maxBytes: Self.maxAnswerBytes)
            guard case .sockets(let sockets) = machine.answer(fetch) else { return }
            backplane?.answer(.sockets(sockets), to: asker)
        case .rooms(let namespace): backplane?.answer(.rooms(machine.rooms(of: namespace)), to: asker)
        case .clients(let broadcast):
            let count = machine.recipientCount(of: broadcast)
            backplane?.answer(.clientCount(count), to: asker)
            if count > 0 { inquire(.clients(broadcast), for: asker, wantsResult: false) }
        case .servers where isLeaving: answerWithoutHandlers(asker)
        case .servers(let event): inquire(.servers(event), for: asker, wantsResult: true)
        }
    }

    /// Answers a question to the handlers of this host, which have ended. In the official formats, each host that is
    /// counted must answer with a value.
    func answerWithoutHandlers(_ asker: BackplaneAsker) {
        backplane?.answer(.result(EncodedArguments(text: Array("null".utf8))), to: asker)
    }

    private func inquire(_ target: Inquiry.Target, for asker: BackplaneAsker, wantsResult: Bool) {
        let question = HostQuestions.Asked(
            asker: asker, wantsResult: wantsResult, deadline: loop.now + Self.askedTimeout)
        guard let number = questions.begin(question) else {
            return report(.backplane(.ignored(reason: "too many questions of other hosts are open")))
        }
        var output = HubStateMachine.Output()
        machine.inquire(
            Inquiry(number: number, target: target, maxBytes: Self.maxAnswerBytes), by: nil, from: .others,
            into: &output)
        send(output)
    }

    /// Passes the answers of this host's clients or workers on to the host that asked. Of the workers' results, only
    /// the first one counts: each host answers once.
    private func answerOthers(_ report: InquiryReport) {
        guard let asked = questions.asked(report.number) else { return }
        for case .arguments(let arguments) in report.answers {
            backplane?.answer(
                asked.wantsResult ? .result(arguments) : .acknowledgement(arguments), to: asked.asker)
            guard asked.wantsResult else { continue }
            questions.endAsked(report.number)
            if report.state == .open { dismissInquiry(report.number) }
            return
        }
        guard report.state != .open else { return }
        questions.endAsked(report.number)
        if asked.wantsResult, isStopping { answerWithoutHandlers(asked.asker) }
    }

    func dismissInquiry(_ number: UInt64) {
        var output = HubStateMachine.Output()
        machine.dismiss(number, of: .others, into: &output)
        send(output)
    }
}
