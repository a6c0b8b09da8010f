/// Lets a line of each kind through once in a while, so that what fails again and again does not flood the log.
struct RepeatLimit {
    /// How long lines of the same kind are kept back after one was let through.
    static let interval = Duration.seconds(10)

    private var kinds: [String: (admittedAt: ContinuousClock.Instant, keptBack: Int)] = [:]

    /// - Returns: nil when the line is to be kept back, else how many of its kind were since the last one.
    mutating func admit(_ kind: String, at now: ContinuousClock.Instant) -> Int? {
        guard let last = kinds[kind], now - last.admittedAt < Self.interval else {
            let keptBack = kinds[kind]?.keptBack ?? 0
            kinds[kind] = (now, 0)
            return keptBack
        }
        kinds[kind] = (last.admittedAt, last.keptBack + 1)
        return nil
    }
}
