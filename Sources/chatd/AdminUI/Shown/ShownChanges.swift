/// Changes in their order, up to a limit. Above it they are forgotten, because a new list costs less.
struct ShownChanges: Equatable {
    let maxCount: Int
    let maxBytes: Int
    /// nil if there were more than the limit.
    private(set) var events: [ShownEvent]? = []
    private var byteCount = 0

    init(maxCount: Int, maxBytes: Int) {
        self.maxCount = maxCount
        self.maxBytes = maxBytes
    }

    mutating func add(_ event: ShownEvent) {
        guard let count = events?.count else { return }
        byteCount += event.byteCount
        if count < maxCount, byteCount <= maxBytes {
            events?.append(event)
        } else {
            events = nil
        }
    }

    /// Returns the changes and forgets them.
    /// - Returns: nil if there were more than the limit.
    mutating func take() -> [ShownEvent]? {
        defer { self = ShownChanges(maxCount: maxCount, maxBytes: maxBytes) }
        return events
    }
}
