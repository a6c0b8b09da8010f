/// The flags of a broadcast that mean something to a receiver. Other flags are ignored, as are flags of another kind.
package struct MessageFlags: Sendable, Equatable {
    /// True if the event may be dropped for clients that are not ready to receive it.
    package var isVolatile = false
    /// Whether the sender asked for compression; nil if it did not say.
    package var compress: Bool?
    /// The time after which the sender of a broadcast with acknowledgements stops waiting; nil without one.
    package var timeout: Duration?
    /// True if one acknowledgement is enough, because the broadcast is for one client.
    package var expectsSingleResponse = false

    package init() {}

    /// The longest time of JavaScript's timers, in milliseconds.
    private static let maxTimeout = Int(Int32.max)

    init(_ object: MessageObject) {
        isVolatile = object.flag(.volatile)
        compress = object.optionalFlag(.compress)
        timeout = object.optionalNumber(.timeout, in: 0...Self.maxTimeout).map { .milliseconds($0) }
        expectsSingleResponse = object.flag(.expectSingleResponse)
    }

    /// The flags as an object; nil without any.
    var tree: MessageTree? {
        guard self != MessageFlags() else { return nil }
        return .object([
            (.volatile, isVolatile ? .flag(true) : nil), (.compress, compress.map { .flag($0) }),
            (.timeout, timeout.map { .number(Self.milliseconds($0)) }),
            (.expectSingleResponse, expectsSingleResponse ? .flag(true) : nil),
        ])
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let limited = min(max(duration, .zero), .milliseconds(maxTimeout))
        let (seconds, attoseconds) = limited.components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
