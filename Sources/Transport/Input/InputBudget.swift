/// Bounds the memory of unfinished input on one loop: request heads and bodies that are arriving, fragments of
/// messages, packets that wait for their attachments, and messages that no application has accepted.
///
/// Above the limit, the connection that buffers the most is reset, then the next, until the total is within the limit.
/// The check runs after the event being handled, so a connection may exceed the limit until then.
public final class InputBudget: TurnHandler {
    /// Counters since the start.
    public struct Counters: Sendable {
        /// Connections reset because they buffered the most.
        public var resets = 0
        /// Connections refused because the limit was exceeded although no connection buffered much.
        public var refusals = 0

        /// Creates counters that are zero.
        public init() {}
    }

    private struct Holder {
        weak var object: (any InputHolder)?
        var bytes = 0
    }

    private let loop: EventLoop
    private var ledger: InputLedger
    /// The holders with buffered input. The dictionary is never iterated, because its order differs between runs and a
    /// simulation must repeat its steps.
    private var holders: [UInt64: Holder] = [:]
    private var lastNumber: UInt64 = 0
    private var isCheckRequested = false
    /// The counters of this budget.
    public private(set) var counters = Counters()
    /// Called for each connection that is reset or refused.
    public var onExcess: (() -> Void)?

    /// - Parameter limit: the most bytes that unfinished input may take.
    init(loop: EventLoop, limit: Int) {
        self.loop = loop
        ledger = InputLedger(limit: limit)
    }

    /// The limit in bytes.
    public var limit: Int { ledger.limit }

    /// Raises the limit to 11 bodies of `size` bytes, so that a packet with ten attachments of the largest size fits.
    func raiseLimit(forBodiesOf size: Int) {
        ledger.raiseLimit(to: Self.leastLimit(forBodiesOf: size))
    }

    /// The least limit in bytes of a server that takes bodies of `size` bytes.
    package static func leastLimit(forBodiesOf size: Int) -> Int {
        let (bytes, isTooLarge) = size.multipliedReportingOverflow(by: 11)
        return isTooLarge ? .max : bytes
    }

    /// The number of bytes buffered now.
    public var heldBytes: Int { ledger.total }

    func admit(_ holder: any InputHolder) -> UInt64 {
        lastNumber += 1
        holders[lastNumber] = Holder(object: holder)
        return lastNumber
    }

    func change(_ number: UInt64, to bytes: Int) {
        // A holder that was reset or refused is no longer counted.
        guard let old = holders[number]?.bytes else { return }
        if bytes == 0 { holders[number] = nil } else { holders[number]?.bytes = bytes }
        ledger.change(number, from: old, to: bytes)
        guard ledger.isExceeded, bytes > old else { return }
        // Check the limit before anything else is read.
        loop.endTurnSoon()
        guard !isCheckRequested else { return }
        isCheckRequested = true
        loop.atEndOfTurn(.beforeWrites, self)
    }

    public func turnEnded() {
        isCheckRequested = false
        while let eviction = ledger.nextEviction() {
            switch eviction {
            case .reset(let number):
                counters.resets += 1
                end(number) { $0.resetForInput() }
            case .refuse(let number):
                guard holders[number] != nil else { continue }
                counters.refusals += 1
                end(number) { $0.refuseInput() }
            }
            onExcess?()
        }
    }

    private func end(_ number: UInt64, _ end: (any InputHolder) -> Void) {
        if let holder = holders[number]?.object { end(holder) }
        change(number, to: 0)
    }
}
