import Synchronization

/// Identifies one handler. ``EventHandling/off(_:)-(HandlerToken)`` removes exactly this handler.
public struct HandlerToken: Hashable, Sendable {
    private static let last = Atomic<UInt64>(0)

    private let number: UInt64

    /// Creates a token that differs from every other token of the process.
    init() {
        number = Self.last.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
