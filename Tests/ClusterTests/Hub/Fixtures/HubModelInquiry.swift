import Actors

@testable import Cluster

/// An inquiry in a ``HubModel``.
struct HubModelInquiry {
    let id: UInt64
    let asker: Int
    let number: UInt64
    private let maxBytes: Int
    private var outstanding: [Int]
    private var byteCount = 0
    private var isIncomplete = false
    private(set) var hasEnded = false

    init(_ inquiry: Inquiry, id: UInt64, asker: Int, asked: [Int]) {
        self.id = id
        self.asker = asker
        number = inquiry.number
        maxBytes = inquiry.maxBytes
        outstanding = asked
    }

    /// The events that end the inquiry at the workers that have not answered.
    var dismissal: [(worker: Int, words: String)] { outstanding.map { ($0, "inquiry \(id) dismissed") } }

    /// Handles a report and returns the events that it causes.
    mutating func answer(_ report: InquiryReport, from worker: Int) -> [(worker: Int, words: String)] {
        guard outstanding.contains(worker) else { return [] }
        byteCount += report.answers.reduce(0) { $0 + $1.byteCount }
        if byteCount > maxBytes || report.state == .tooLarge {
            hasEnded = true
            outstanding.removeAll { $0 == worker }
            return [(asker, InquiryReport(number: number, state: .tooLarge).words)] + dismissal
        }
        if report.state != .open { outstanding.removeAll { $0 == worker } }
        if report.state == .incomplete { isIncomplete = true }
        return [(asker, InquiryReport(number: number, answers: report.answers, state: state).words)]
    }

    /// Handles the end of a worker and returns the events that it causes.
    mutating func workerEnded(_ worker: Int) -> [(worker: Int, words: String)] {
        guard outstanding.contains(worker) else { return [] }
        outstanding.removeAll { $0 == worker }
        isIncomplete = true
        let state = state
        return hasEnded ? [(asker, InquiryReport(number: number, state: state).words)] : []
    }

    private var state: InquiryReport.State {
        mutating get {
            hasEnded = outstanding.isEmpty
            return hasEnded ? (isIncomplete ? .incomplete : .complete) : .open
        }
    }
}
