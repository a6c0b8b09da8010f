import Actors

/// The inquiries whose answers have not all arrived. Each worker limits how many of its own are open.
struct OpenInquiries {
    private struct Inquiry {
        let asker: Incarnation
        /// The number that the asking worker chose.
        let number: UInt64
        let maxBytes: Int
        /// The workers whose last report has not arrived.
        var outstanding: Set<Incarnation>
        var byteCount = 0
        /// True if a recipient has gone without an answer.
        var isIncomplete = false
    }

    /// A report for the worker that asks, and the workers that need not answer any more.
    struct Progress {
        let asker: Incarnation
        let report: InquiryReport
        var dismissed: [Incarnation] = []
    }

    private var inquiries: [UInt64: Inquiry] = [:]
    private var lastID: UInt64 = 0

    /// Opens an inquiry.
    /// - Parameters:
    ///   - inquiry: The asking worker's inquiry.
    ///   - asker: The asking worker.
    ///   - asked: The workers that will answer; not empty.
    /// - Returns: The hub's number of the inquiry.
    mutating func open(_ inquiry: Actors.Inquiry, by asker: Incarnation, asking asked: [Incarnation]) -> UInt64 {
        lastID += 1
        inquiries[lastID] = Inquiry(
            asker: asker, number: inquiry.number, maxBytes: inquiry.maxBytes, outstanding: Set(asked))
        return lastID
    }

    /// Adds the answers of a worker.
    /// - Returns: The report for the asking worker; nil if the inquiry has ended or did not ask this worker.
    mutating func report(_ report: InquiryReport, from worker: Incarnation) -> Progress? {
        guard var inquiry = inquiries[report.number], inquiry.outstanding.contains(worker) else { return nil }
        inquiry.byteCount += report.answers.reduce(0) { $0 + $1.byteCount }
        guard inquiry.byteCount <= inquiry.maxBytes else { return end(report.number, worker, .tooLarge) }
        switch report.state {
        case .open: break
        case .complete: inquiry.outstanding.remove(worker)
        case .incomplete, .dropped:
            inquiry.outstanding.remove(worker)
            inquiry.isIncomplete = true
        case .tooLarge: return end(report.number, worker, .tooLarge)
        }
        return update(report.number, inquiry, report.answers)
    }

    /// Ends an inquiry before all answers have arrived.
    private mutating func end(_ id: UInt64, _ worker: Incarnation, _ state: InquiryReport.State) -> Progress? {
        inquiries.removeValue(forKey: id).map { inquiry in
            Progress(
                asker: inquiry.asker, report: InquiryReport(number: inquiry.number, state: state),
                dismissed: inquiry.outstanding.subtracting([worker]).sorted())
        }
    }

    /// Records the present state of an inquiry, which ends with its last answer.
    private mutating func update(_ id: UInt64, _ inquiry: Inquiry, _ answers: [InquiryAnswer] = []) -> Progress {
        let hasEnded = inquiry.outstanding.isEmpty
        inquiries[id] = hasEnded ? nil : inquiry
        let state: InquiryReport.State = hasEnded ? (inquiry.isIncomplete ? .incomplete : .complete) : .open
        return Progress(
            asker: inquiry.asker, report: InquiryReport(number: inquiry.number, answers: answers, state: state))
    }

    /// Drops an inquiry that the asking worker has given up.
    /// - Returns: The hub's number of the inquiry and the workers that need not answer any more; nil if it has ended.
    mutating func dismiss(_ number: UInt64, of asker: Incarnation) -> (id: UInt64, workers: [Incarnation])? {
        // Linear in the number of open inquiries, which is small.
        guard let id = inquiries.first(where: { $0.value.asker == asker && $0.value.number == number })?.key,
            let inquiry = inquiries.removeValue(forKey: id)
        else { return nil }
        return (id, inquiry.outstanding.sorted())
    }

    /// Drops the inquiries that a detached worker has asked.
    /// - Returns: The hub's numbers of the inquiries, each with the workers that need not answer any more.
    mutating func removeAll(askedBy asker: Incarnation) -> [(id: UInt64, workers: [Incarnation])] {
        let removed = inquiries.filter { $0.value.asker == asker }.sorted { $0.key < $1.key }
        for (id, _) in removed { inquiries[id] = nil }
        return removed.map { ($0.key, $0.value.outstanding.subtracting([asker]).sorted()) }
    }

    /// Completes the share of a detached worker in every inquiry.
    /// - Returns: The reports for the workers whose inquiries have ended by that.
    mutating func workerEnded(_ worker: Incarnation) -> [Progress] {
        let affected = inquiries.filter { $0.value.outstanding.contains(worker) }.sorted { $0.key < $1.key }
        return affected.compactMap { id, inquiry in
            var inquiry = inquiry
            inquiry.outstanding.remove(worker)
            inquiry.isIncomplete = true
            let progress = update(id, inquiry)
            return progress.report.state == .open ? nil : progress
        }
    }
}
