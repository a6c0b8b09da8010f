import Actors

/// The inquiries whose answers have not all arrived. Each worker limits how many of its own are open.
struct OpenInquiries {
    /// An inquiry as its worker knows it.
    private struct Question: Hashable {
        let asker: Incarnation
        /// The number that the asking worker chose.
        let number: UInt64
    }

    private struct Inquiry {
        let question: Question
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
    /// The hub's numbers of the inquiries.
    private var ids: [Question: UInt64] = [:]
    private var lastID: UInt64

    /// - Parameter start: The number before that of the first inquiry.
    init(start: UInt64) {
        lastID = start
    }

    /// Opens an inquiry.
    /// - Parameters:
    ///   - inquiry: The asking worker's inquiry.
    ///   - asker: The asking worker.
    ///   - asked: The workers that will answer; not empty.
    /// - Returns: The hub's number of the inquiry.
    mutating func open(_ inquiry: Actors.Inquiry, by asker: Incarnation, asking asked: [Incarnation]) -> UInt64 {
        lastID += 1
        let question = Question(asker: asker, number: inquiry.number)
        inquiries[lastID] = Inquiry(question: question, maxBytes: inquiry.maxBytes, outstanding: Set(asked))
        ids[question] = lastID
        return lastID
    }

    /// Adds the answers of a worker.
    /// - Returns: The report for the asking worker; nil if the inquiry has ended or did not ask this worker.
    mutating func report(_ report: InquiryReport, from worker: Incarnation) -> Progress? {
        let id = report.number
        guard let index = inquiries.index(forKey: id), inquiries.values[index].outstanding.contains(worker) else {
            return nil
        }
        inquiries.values[index].byteCount += report.answers.reduce(0) { $0 + $1.byteCount }
        guard inquiries.values[index].byteCount <= inquiries.values[index].maxBytes else {
            return endTooLarge(id, report.state == .open ? nil : worker)
        }
        switch report.state {
        case .open: break
        case .complete: inquiries.values[index].outstanding.remove(worker)
        case .incomplete, .dropped:
            inquiries.values[index].outstanding.remove(worker)
            inquiries.values[index].isIncomplete = true
        case .tooLarge: return endTooLarge(id, worker)
        }
        return progress(of: id, report.answers)
    }

    /// Ends an inquiry whose answers exceed its limit.
    /// - Parameter worker: The worker that has just sent its last report; nil if every worker still answers.
    private mutating func endTooLarge(_ id: UInt64, _ worker: Incarnation?) -> Progress? {
        remove(id).map { inquiry in
            Progress(
                asker: inquiry.question.asker,
                report: InquiryReport(number: inquiry.question.number, state: .tooLarge),
                dismissed: inquiry.outstanding.filter { $0 != worker }.sorted())
        }
    }

    /// The present state of an inquiry, which ends with its last answer; nil if it has already ended.
    private mutating func progress(of id: UInt64, _ answers: [InquiryAnswer] = []) -> Progress? {
        guard let inquiry = inquiries[id] else { return nil }
        let hasEnded = inquiry.outstanding.isEmpty
        if hasEnded { _ = remove(id) }
        let state: InquiryReport.State = hasEnded ? (inquiry.isIncomplete ? .incomplete : .complete) : .open
        let number = inquiry.question.number
        return Progress(
            asker: inquiry.question.asker, report: InquiryReport(number: number, answers: answers, state: state))
    }

    private mutating func remove(_ id: UInt64) -> Inquiry? {
        guard let inquiry = inquiries.removeValue(forKey: id) else { return nil }
        // A faulty worker may have given a later inquiry the same number.
        if ids[inquiry.question] == id { ids[inquiry.question] = nil }
        return inquiry
    }

    /// Drops an inquiry that the asking worker has given up.
    /// - Returns: The hub's number of the inquiry and the workers that need not answer any more; nil if it has ended.
    mutating func dismiss(_ number: UInt64, of asker: Incarnation) -> (id: UInt64, workers: [Incarnation])? {
        guard let id = ids[Question(asker: asker, number: number)], let inquiry = remove(id) else { return nil }
        return (id, inquiry.outstanding.sorted())
    }

    /// Drops the inquiries that a detached worker has asked.
    /// - Returns: The hub's numbers of the inquiries, each with the workers that need not answer any more.
    mutating func removeAll(askedBy asker: Incarnation) -> [(id: UInt64, workers: [Incarnation])] {
        let asked = inquiries.compactMap { id, inquiry in inquiry.question.asker == asker ? id : nil }.sorted()
        return asked.compactMap { id in
            remove(id).map { inquiry in
                (id: id, workers: inquiry.outstanding.subtracting([asker]).sorted())
            }
        }
    }

    /// Completes the share of a detached worker in every inquiry.
    /// - Returns: The reports for the workers whose inquiries have ended by that.
    mutating func workerEnded(_ worker: Incarnation) -> [Progress] {
        let affected = inquiries.compactMap { id, inquiry in inquiry.outstanding.contains(worker) ? id : nil }.sorted()
        return affected.compactMap { id in
            inquiries[id]?.outstanding.remove(worker)
            inquiries[id]?.isIncomplete = true
            return progress(of: id).flatMap { $0.report.state == .open ? nil : $0 }
        }
    }
}
