import Glibc

/// The progress of a long command: a bar for a terminal, and a line now and then for a log.
struct ProgressLine {
    /// How far a command is.
    struct Status: Equatable {
        /// What was done, such as `copied`.
        let verb: String
        /// What is done, and the whole: rows or bytes.
        let done: Int64
        let total: Int64
        /// Both for people, such as `3 of 10 messages`.
        let text: String
        /// What an amount of `done` is for people, to tell the speed.
        let amount: @Sendable (Int64) -> String

        static func == (left: Status, right: Status) -> Bool {
            (left.verb, left.done, left.total, left.text) == (right.verb, right.done, right.total, right.text)
        }
    }

    private static let barWidth: Int64 = 30

    private let isTerminal: Bool
    private let interval: Duration
    /// When the step began, and what was done then.
    private var start: (verb: String, time: ContinuousClock.Instant, done: Int64)?
    private var last: ContinuousClock.Instant?

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
        interval = isTerminal ? .milliseconds(100) : .seconds(5)
    }

    /// Returns the line to show; nil if the last one is too recent.
    mutating func line(_ status: Status, at now: ContinuousClock.Instant) -> String? {
        if start?.verb != status.verb { start = (status.verb, now, status.done) }
        guard let start else { return nil }
        if last == nil, !isTerminal { last = now }
        if let last, now - last < interval { return nil }
        last = now
        let share = status.total > 0 ? min(Double(status.done) / Double(status.total), 1) : 1
        let line = "\(status.verb) \(status.text), \(Int(share * 100)) %\(speed(status, since: start, at: now))"
        return isTerminal ? "[\(Self.bar(share))] \(line)" : line
    }

    private func speed(
        _ status: Status, since start: (verb: String, time: ContinuousClock.Instant, done: Int64),
        at now: ContinuousClock.Instant
    ) -> String {
        let time = now - start.time
        guard time >= .milliseconds(500) else { return "" }
        return ", \(status.amount(Self.rate(status.done - start.done, in: time))) a second"
    }

    /// Rows or bytes in a second.
    static func rate(_ count: Int64, in time: Duration) -> Int64 {
        Int64(Double(count) / max(time / .seconds(1), 0.001))
    }

    private static func bar(_ share: Double) -> String {
        let filled = min(max(Int64(share * Double(barWidth)), 0), barWidth)
        return String(repeating: "#", count: Int(filled)) + String(repeating: ".", count: Int(barWidth - filled))
    }
}

/// Shows a ``ProgressLine`` on the terminal at standard error. Shows nothing if there is none.
struct ProgressBar {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var line = ProgressLine(isTerminal: true)

    /// - Parameter status: makes the status, which is needed for a terminal only.
    mutating func show(_ status: () -> ProgressLine.Status) {
        guard isTerminal, let line = line.line(status(), at: .now) else { return }
        Console.redraw(line)
    }

    func clear() {
        if isTerminal { Console.redraw("") }
    }
}
