import Transport

/// The state of a worker's inquiries and of its answers to those of others.
struct WorkerInquiries {
    /// The worker's own inquiries.
    var window: InquiryWindow
    /// The clients of this worker that are asked.
    var clients: AskedClients
    /// The hub's numbers of the inquiries that this worker's handlers will answer.
    var unanswered: Set<UInt64> = []
    /// The number of running asynchronous handlers of other workers' events.
    var runningHandlers = 0
    /// True while waiting inquiries are opened.
    var areOpening = false
    /// The ids of events to single clients.
    var acknowledgementIDs: AcknowledgementCounter

    /// - Parameter loop: The loop of the worker.
    init(on loop: EventLoop) {
        window = InquiryWindow(
            maxOpen: loop.limits.openInquiries, maxBytes: loop.limits.allInquiryAnswers,
            start: loop.makeNumberingStart())
        clients = AskedClients(maxBytes: loop.limits.inquiryAnswers)
        acknowledgementIDs = AcknowledgementCounter(start: loop.makeNumberingStart())
    }
}
