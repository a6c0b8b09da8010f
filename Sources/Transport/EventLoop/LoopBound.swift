/// A value confined to one loop, wrapped so that it can pass through code that requires `Sendable`.
///
/// Safety of `@unchecked Sendable`: the value is reachable only through ``value``, which traps on any thread but the
/// loop's. The last reference may be released on any thread; the types wrapped this way only free memory when they are
/// released.
public struct LoopBound<Value>: @unchecked Sendable {
    private let loop: EventLoop
    private let bound: Value

    /// Wraps `value`. Called on the loop.
    public init(_ value: Value, to loop: EventLoop) {
        loop.checkIsolated()
        self.loop = loop
        self.bound = value
    }

    /// The wrapped value. Must be read on the loop.
    public var value: Value {
        loop.checkIsolated()
        return bound
    }
}
