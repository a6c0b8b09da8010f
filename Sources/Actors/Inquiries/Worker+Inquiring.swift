import Transport

/// The worker's own inquiries.
extension Worker {
    /// Sends a question and waits for all answers.
    /// - Parameters:
    ///   - question: The event and its recipients.
    ///   - sender: The socket among whose calls the question is ordered; nil to send it at once.
    ///   - timeout: The maximum time until all answers have arrived, including the wait for earlier inquiries.
    /// - Returns: The answers in the order of their arrival.
    /// - Throws: ``IncompleteAnswers``, or `CancellationError` if the task is cancelled.
    func inquire(
        _ question: InquiryWindow.Question, for sender: Socket?, timeout: Duration
    ) async throws -> [Arguments] {
        if case .all(let target) = question, target.byteCount > loop.limits.inquiryEvent {
            throw IncompleteAnswers(.eventTooLarge)
        }
        try Task.checkCancellation()
        guard !hasClosed else { throw IncompleteAnswers(.closed) }
        let number = inquiries.window.nextNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // The worker may have closed while the task changed executors.
                guard !hasClosed else { return continuation.resume(throwing: IncompleteAnswers(.closed)) }
                let timer = loop.startTimer(after: timeout, InquiryTimeout(number: number, worker: self))
                inquiries.window.add(
                    InquiryWindow.Entry(
                        question: question, sender: sender, continuation: continuation,
                        timer: LoopBound(timer, to: loop)),
                    number: number)
                // If the task was cancelled before this point, the cancellation handler found no inquiry to end.
                if Task.isCancelled { endInquiry(number) { _ in CancellationError() } }
                openInquiries()
            }
        } onCancel: {
            run { $0.endInquiry(number) { _ in CancellationError() } }
        }
    }

    private func openInquiries() {
        // An inquiry without recipients ends at once, which calls this function again.
        guard !inquiries.areOpening else { return }
        inquiries.areOpening = true
        defer { inquiries.areOpening = false }
        while let (number, sender) = inquiries.window.next() {
            if let sender {
                sender.assumeIsolated { $0.perform(.output(.local(.inquire(number)))) }
            } else {
                sendInquiry(number)
            }
        }
    }

    /// Sends an open inquiry, unless it has ended while it waited for earlier calls of its sender.
    func sendInquiry(_ number: UInt64) {
        guard let entry = inquiries.window.send(number) else { return }
        switch entry.question {
        case .all(let target):
            let inquiry = Inquiry(number: number, target: target, maxBytes: loop.limits.inquiryAnswers)
            let sender = entry.sender.flatMap { sender in
                sender.assumeIsolated { $0.isConnected ? sender.key : nil }
            }
            submit(.inquire(inquiry, sender: sender))
        case .local(let broadcast):
            askClients(broadcast, for: .local(number))
        }
    }

    /// Handles answers to an inquiry of this worker, or its end.
    func inquiryAnswered(_ report: InquiryReport) {
        inquiries.window.add(report.answers, to: report.number)
        guard report.state != .open else { return endExcessiveInquiries() }
        guard let entry = inquiries.window.end(report.number) else { return }
        loop.cancelTimer(entry.timer.value)
        let reason: IncompleteAnswers.Reason? =
            switch report.state {
            case .incomplete: .recipientsGone
            case .tooLarge: .tooLarge
            case .dropped: .senderGone
            case .complete, .open: entry.failures.isEmpty ? nil : .failed
            }
        if let reason {
            entry.continuation.resume(throwing: entry.incomplete(reason))
        } else {
            entry.continuation.resume(returning: entry.answers)
        }
        openInquiries()
    }

    /// Ends inquiries, those with the largest answers first, until the answers to the others are within the limit.
    private func endExcessiveInquiries() {
        while let number = inquiries.window.excessive { endInquiry(number) { $0.incomplete(.tooLarge) } }
    }

    /// Ends the waits for answers of the hub, of clients and of other workers, and sends the last requests. Later waits
    /// fail at once.
    func close() {
        hasClosed = true
        endInquiries()
        endFetches()
        exchange()
    }

    private func endInquiries() {
        // The waiting ones first, so that none of them opens.
        for number in inquiries.window.numbers { endInquiry(number) { $0.incomplete(.closed) } }
    }

    /// Ends an inquiry before all answers have arrived.
    fileprivate func endInquiry(_ number: UInt64, _ error: (InquiryWindow.Entry) -> any Error) {
        guard let entry = inquiries.window.end(number) else { return }
        loop.cancelTimer(entry.timer.value)
        switch entry.question {
        case .all where entry.isSent: submit(.dismiss(number))
        case .local: inquiries.clients.dismiss(.local(number))
        case .all: break
        }
        entry.continuation.resume(throwing: error(entry))
        openInquiries()
    }
}

/// Ends the wait for answers at its deadline, or when the loop ends.
private final class InquiryTimeout: TimerTarget {
    private let number: UInt64
    private let worker: Worker

    init(number: UInt64, worker: Worker) {
        self.number = number
        self.worker = worker
    }

    func timerFired(at now: ContinuousClock.Instant) {
        worker.assumeIsolated { [number] in $0.endInquiry(number) { $0.incomplete($0.isSent ? .timedOut : .notSent) } }
    }

    func loopEnded() {
        worker.assumeIsolated { [number] in $0.endInquiry(number) { $0.incomplete(.closed) } }
    }
}
