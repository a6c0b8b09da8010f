import Actors
import Persistence
import Synchronization
import Transport

/// A link inside of one process that behaves like the pipes between two: frames of the same codec, which arrive late and in
/// pieces, chosen by a seed; and it can be cut.
///
/// It lets many workers and a hub be tested in one process, each on a loop of its own or all on one.
public final class SimulatedLink: Adapter, HubLink {
    /// What is on its way in one direction.
    private struct Direction {
        var encoder = FrameEncoder()
        var decoder = FrameDecoder()
        /// Sent and not arrived.
        var bytes: [UInt8] = []
        var isDeliveryPlanned = false
    }

    private struct State {
        var toHub = Direction()
        var toWorker = Direction()
        var generator: SplitMix64
        var isCut = false
        var incarnation: Incarnation?
        weak var receiver: (any StreamReceiver)?
    }

    private let hub: Hub
    private let hubLoop: EventLoop
    private let workerLoop: EventLoop
    private let store: (any MessageHistory)?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - seed: chooses how the bytes are cut into pieces.
    ///   - store: the hub's store, to read history from.
    public init(
        to hub: Hub, on hubLoop: EventLoop, worker workerLoop: EventLoop, seed: UInt64,
        store: (any MessageHistory)?
    ) {
        self.hub = hub
        self.hubLoop = hubLoop
        self.workerLoop = workerLoop
        self.store = store
        state = Mutex(State(generator: SplitMix64(seed: seed)))
    }

    /// Registers the worker's incarnation with the hub, before its server listens.
    public func open() async {
        let incarnation = await hub.attach(self)
        state.withLock { $0.incarnation = incarnation }
    }

    /// Ends the link as the death of the worker's process does: what it has sent completely arrives, nothing else, and the
    /// worker hears nothing any more.
    public func cut() async {
        state.withLock { $0.isCut = true }
        guard let incarnation = state.withLock({ $0.incarnation }) else { return }
        await hub.lose(incarnation)
    }

    // MARK: Adapter

    public var terms: HubTerms { hub.terms }

    public var history: (any History)? { store.map(StoreHistory.init) }

    public func attach(_ receiver: any StreamReceiver) {
        state.withLock { $0.receiver = receiver }
    }

    public func submit(_ operations: [Operation]) {
        send(\.toHub, on: hubLoop, deliver: deliverToHub) { encoder in
            encoder.frames(.operations, of: operations) { $0.append($1) }
        }
    }

    // MARK: Hub

    func send(_ items: [StreamItem]) {
        send(\.toWorker, on: workerLoop, deliver: deliverToWorker) { encoder in
            encoder.frames(.items, of: items) { $0.append($1) }
        }
    }

    func hearOut() {
        while deliverToHub(atMost: .max) {}
    }

    // MARK: Delivery

    private func send(
        _ direction: WritableKeyPath<State, Direction> & Sendable, on loop: EventLoop,
        deliver: @escaping @Sendable (Int) -> Bool, _ encode: (inout FrameEncoder) -> [[UInt8]]
    ) {
        let mustPlan = state.withLock { state in
            guard !state.isCut else { return false }
            for frame in encode(&state[keyPath: direction].encoder) { state[keyPath: direction].bytes += frame }
            defer { state[keyPath: direction].isDeliveryPlanned = true }
            return !state[keyPath: direction].isDeliveryPlanned
        }
        if mustPlan { plan(direction, on: loop, deliver) }
    }

    /// Each turn of the receiver's loop brings a piece.
    private func plan(
        _ direction: WritableKeyPath<State, Direction> & Sendable, on loop: EventLoop,
        _ deliver: @escaping @Sendable (Int) -> Bool
    ) {
        loop.execute { [self] in
            let size = state.withLock { $0.generator.nextPieceSize() }
            if deliver(size) {
                plan(direction, on: loop, deliver)
            } else {
                let goesOn = state.withLock { state in
                    state[keyPath: direction].isDeliveryPlanned = !state[keyPath: direction].bytes.isEmpty
                    return state[keyPath: direction].isDeliveryPlanned
                }
                if goesOn { plan(direction, on: loop, deliver) }
            }
        }
    }

    /// - Returns: whether more is on its way.
    @Sendable private func deliverToHub(atMost count: Int) -> Bool {
        arrive(\.toHub, count)
        // One by one: hearing this link out for a claim may lead back here.
        while let frame = nextFrame(\.toHub), let incarnation = state.withLock({ $0.incarnation }) {
            var reader = WireReader(frame.body)
            guard let operations = try? reader.rest({ reader throws(CodecError) in try reader.operation() }) else {
                preconditionFailure("what was encoded cannot be decoded")
            }
            hub.assumeIsolated { $0.receive(operations, from: incarnation) }
        }
        return isUnderWay(\.toHub)
    }

    @Sendable private func deliverToWorker(atMost count: Int) -> Bool {
        arrive(\.toWorker, count)
        while let frame = nextFrame(\.toWorker) {
            var reader = WireReader(frame.body)
            guard let items = try? reader.rest({ reader throws(CodecError) in try reader.item() }) else {
                preconditionFailure("what was encoded cannot be decoded")
            }
            state.withLock { $0.isCut ? nil : $0.receiver }?.receive(items)
        }
        return isUnderWay(\.toWorker)
    }

    private func arrive(_ direction: WritableKeyPath<State, Direction>, _ count: Int) {
        state.withLock { state in
            let piece = Array(state[keyPath: direction].bytes.prefix(count))
            state[keyPath: direction].bytes.removeFirst(piece.count)
            state[keyPath: direction].decoder.append(piece.span.bytes)
        }
    }

    private func nextFrame(_ direction: WritableKeyPath<State, Direction>) -> FrameDecoder.Frame? {
        state.withLock { state in
            do {
                return try state[keyPath: direction].decoder.next()
            } catch {
                preconditionFailure("what was framed cannot be taken apart: \(error)")
            }
        }
    }

    private func isUnderWay(_ direction: WritableKeyPath<State, Direction>) -> Bool {
        state.withLock { !$0[keyPath: direction].bytes.isEmpty }
    }
}

extension SplitMix64 {
    /// Small pieces, that cut a frame anywhere, and large ones by turns.
    fileprivate mutating func nextPieceSize() -> Int {
        let choice = next()
        return choice & 1 == 0 ? Int((choice >> 1) % 200) + 1 : Int((choice >> 1) % 65536) + 1
    }
}
