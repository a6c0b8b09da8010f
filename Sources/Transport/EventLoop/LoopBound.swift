/// A value that lives on one loop, carried through places that must be `Sendable`.
///
/// Safety of `@unchecked Sendable`: the value is reachable only through ``value``, which traps anywhere but on the
/// loop's thread. The last reference may be dropped on any thread; the types wrapped this way free plain memory only.
public struct LoopBound<Value>: @unchecked Sendable {
    private let loop: EventLoop
    private let bound: Value

    /// Binds `value` to `loop`. The caller is on the loop.
    public init(_ value: Value, to loop: EventLoop) {
        loop.checkIsolated()
        self.loop = loop
        self.bound = value
    }

    /// The value. Must be read on the loop.
    public var value: Value {
        loop.checkIsolated()
        return bound
    }
}
