import Actors
import Transport

/// Events that ask for answers, and events between workers.
extension HubStateMachine {
    /// Orders an inquiry: sends its event to the workers with recipients, at the present place of their streams. The
    /// event is not kept for lost clients and has no position, because no client's offset refers to it.
    mutating func inquire(
        _ inquiry: Inquiry, by sender: SessionKey?, from incarnation: Incarnation, into output: inout Output
    ) {
        guard !isStale(sender, of: incarnation) else {
            return output.append(.answered(InquiryReport(number: inquiry.number, state: .dropped)), for: incarnation)
        }
        var asked =
            switch inquiry.target {
            case .clients(let broadcast): incarnations(addressedBy: broadcast)
            case .servers: workers(except: incarnation)
            }
        if let others, incarnation != .others { asked.append(others) }
        guard !asked.isEmpty else {
            return output.append(.answered(InquiryReport(number: inquiry.number, state: .complete)), for: incarnation)
        }
        let id = inquiries.open(inquiry, by: incarnation, asking: asked)
        for worker in asked { output.append(.inquired(id, inquiry.target), for: worker) }
    }

    /// Passes answers on to the worker that asks.
    mutating func answer(_ report: InquiryReport, from incarnation: Incarnation, into output: inout Output) {
        guard let progress = inquiries.report(report, from: incarnation) else { return }
        append(progress, to: &output)
        dismiss(report.number, at: progress.dismissed, into: &output)
    }

    /// Ends an inquiry whose worker does not wait any more.
    mutating func dismiss(_ number: UInt64, of incarnation: Incarnation, into output: inout Output) {
        guard let (id, workers) = inquiries.dismiss(number, of: incarnation) else { return }
        dismiss(id, at: workers, into: &output)
    }

    /// Ends the inquiries of a detached worker and its share in those of others.
    mutating func endInquiries(of incarnation: Incarnation, into output: inout Output) {
        for (id, workers) in inquiries.removeAll(askedBy: incarnation) { dismiss(id, at: workers, into: &output) }
        for progress in inquiries.workerEnded(incarnation) { append(progress, to: &output) }
    }

    /// Sends an event to every worker but the one that it comes from.
    func emit(_ event: ServerEvent, from incarnation: Incarnation?, into output: inout Output) {
        for worker in workers(except: incarnation) { output.append(.serverEvent(event), for: worker) }
    }

    private func append(_ progress: OpenInquiries.Progress, to output: inout Output) {
        output.append(.answered(progress.report), for: progress.asker)
    }

    private func dismiss(_ id: UInt64, at workers: [Incarnation], into output: inout Output) {
        for worker in workers { output.append(.dismissed(id), for: worker) }
    }

    private func workers(except incarnation: Incarnation?) -> [Incarnation] {
        attached.filter { $0 != incarnation }.sorted()
    }
}
