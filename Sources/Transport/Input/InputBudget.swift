/// The memory that unfinished input may take on one loop: request heads and bodies that are arriving, messages without their
/// end, packets without their attachments, and what clients sent that no application has accepted.
///
/// Over the limit the connection that holds most is reset, then the next, until the limit is kept. It is judged as soon as
/// the event at hand is handled, not within it: a connection may hold a little more until then.
public final class InputBudget: TurnHandler {
    /// What has happened since the start.
    public struct Counters: Sendable {
        /// Connections reset because they held most.
        public var resets = 0
        /// Connections refused because none held much.
        public var refusals = 0

        public init() {}
    }

    private struct Holder {
        weak var object: (any InputHolder)?
        var bytes = 0
    }

    private let loop: EventLoop
    private var ledger: InputLedger
    /// Those that hold something. Only looked up by number.
    private var holders: [UInt64: Holder] = [:]
    private var lastNumber: UInt64 = 0
    private var isJudgementRequested = false
    public private(set) var counters = Counters()
    /// Called each time a connection has to go.
    public var onExcess: (() -> Void)?

    /// - Parameter limit: bytes.
    init(loop: EventLoop, limit: Int) {
        self.loop = loop
        ledger = InputLedger(limit: limit)
    }

    public var limit: Int { ledger.limit }

    /// Raises the limit to 11 bodies of `size` bytes, so that a packet with ten attachments of the largest size fits.
    func makeRoom(forBodiesOf size: Int) {
        let (bytes, isTooLarge) = size.multipliedReportingOverflow(by: 11)
        ledger.raiseLimit(to: isTooLarge ? .max : bytes)
    }

    /// The bytes that are held now.
    public var heldBytes: Int { ledger.total }

    func admit(_ holder: any InputHolder) -> UInt64 {
        lastNumber += 1
        holders[lastNumber] = Holder(object: holder)
        return lastNumber
    }

    func change(_ number: UInt64, to bytes: Int) {
        // One that had to go does not count any more.
        guard let old = holders[number]?.bytes else { return }
        if bytes == 0 { holders[number] = nil } else { holders[number]?.bytes = bytes }
        ledger.change(number, from: old, to: bytes)
        guard ledger.isExceeded, bytes > old else { return }
        // Before more is read from anybody.
        loop.endTurnSoon()
        guard !isJudgementRequested else { return }
        isJudgementRequested = true
        loop.atEndOfTurn(.beforeWrites, self)
    }

    public func turnEnded() {
        isJudgementRequested = false
        while let excess = ledger.nextExcess() {
            switch excess {
            case .largest(let number):
                counters.resets += 1
                end(number) { $0.resetForInput() }
            case .latecomer(let number):
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
