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

    init(_ limits: Limits) {
        window = InquiryWindow(maxOpen: limits.openInquiries)
        clients = AskedClients(maxBytes: limits.inquiryAnswers)
    }
}
