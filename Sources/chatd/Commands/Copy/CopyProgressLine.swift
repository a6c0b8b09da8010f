import Persistence

/// The progress of a copy: a bar for a terminal, and a line now and then for a log.
struct CopyProgressLine {
    private static let barWidth: Int64 = 30

    private let isTerminal: Bool
    private let interval: Duration
    /// When the step began, and the rows that were done then.
    private var start: (step: CopyStatus.Step, time: ContinuousClock.Instant, done: Int64)?
    private var last: ContinuousClock.Instant?

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
        interval = isTerminal ? .milliseconds(100) : .seconds(5)
    }

    /// Returns the line to show; nil if the last one is too recent.
    mutating func line(_ status: CopyStatus, at now: ContinuousClock.Instant) -> String? {
        if start?.step != status.step { start = (status.step, now, status.done) }
        guard let start else { return nil }
        if last == nil, !isTerminal { last = now }
        if let last, now - last < interval { return nil }
        last = now
        let share = status.total > 0 ? Double(status.done) / Double(status.total) : 1
        let text = "\(status.step.verb) \(status.done) of \(status.total) messages"
        let line = "\(text), \(Int(share * 100)) %\(speed(status.done - start.done, in: now - start.time))"
        return isTerminal ? "[\(Self.bar(share))] \(line)" : line
    }

    private func speed(_ rows: Int64, in time: Duration) -> String {
        guard time >= .milliseconds(500) else { return "" }
        return ", \(Self.rate(rows, in: time)) a second"
    }

    /// Rows in a second.
    static func rate(_ rows: Int64, in time: Duration) -> Int64 {
        Int64(Double(rows) / max(time / .seconds(1), 0.001))
    }

    private static func bar(_ share: Double) -> String {
        let filled = min(max(Int64(share * Double(barWidth)), 0), barWidth)
        return String(repeating: "#", count: Int(filled)) + String(repeating: ".", count: Int(barWidth - filled))
    }
}

extension CopyStatus.Step {
    fileprivate var verb: String {
        switch self {
        case .checking: "checked"
        case .copying: "copied"
        }
    }
}
