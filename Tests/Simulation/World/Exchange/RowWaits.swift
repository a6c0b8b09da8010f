import Transport

/// Decides whether a hub may apply a message although it has not published the rows before it.
///
/// It may if it has waited for a second. Then it waits for no other message until a read has found everything.
struct RowWaits {
    /// How long a hub waits at least. Timers may be early by one tick.
    private static let limit = Duration.milliseconds(990)

    private var arrivals: [ContinuousClock.Instant] = []
    private var isOverdue = false

    /// A message with a row is delivered.
    mutating func arrived(at now: ContinuousClock.Instant) {
        arrivals.append(now)
    }

    /// A read has found every row.
    mutating func readAll() {
        isOverdue = false
    }

    /// Handles the oldest message with a row.
    /// - Returns: true if its row need not be published.
    mutating func handled(isPublished: Bool, at now: ContinuousClock.Instant) -> Bool {
        let arrival = arrivals.isEmpty ? now : arrivals.removeFirst()
        if !isPublished, now - arrival >= Self.limit { isOverdue = true }
        return isPublished || isOverdue
    }
}
