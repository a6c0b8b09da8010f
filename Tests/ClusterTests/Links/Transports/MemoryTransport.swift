import Synchronization
import Transport

@testable import Cluster

/// One side of a stream in memory, which a test can cut into pieces, hold up, and end.
final class MemoryTransport: LinkTransport {
    private struct State {
        var other: MemoryTransport?
        var receiver: LinkReceiver?
        /// What arrived before the start.
        var early: [[UInt8]] = []
        /// What this side has sent and the stream keeps.
        var held: [[UInt8]]?
        var accepts = true
        var isClosed = false
    }

    private let pieceSize: Int
    private let state = Mutex(State())

    /// - Parameter pieceSize: the number of bytes that arrive at once.
    static func makePair(pieceSize: Int = .max) -> (MemoryTransport, MemoryTransport) {
        let pair = (MemoryTransport(pieceSize), MemoryTransport(pieceSize))
        pair.0.state.withLock { $0.other = pair.1 }
        pair.1.state.withLock { $0.other = pair.0 }
        return pair
    }

    private init(_ pieceSize: Int) {
        self.pieceSize = pieceSize
    }

    func start(on loop: EventLoop, _ receiver: LinkReceiver) {
        state.withLock { state in
            state.receiver = receiver
            for bytes in state.early { receiver.received(bytes) }
            if state.isClosed { receiver.ended() }
        }
    }

    func send(_ bytes: [UInt8]) {
        let (other, receiver) = state.withLock { state -> (MemoryTransport?, LinkReceiver?) in
            guard state.accepts else { return (nil, nil) }
            guard state.held == nil else {
                state.held?.append(bytes)
                return (nil, state.receiver)
            }
            return (state.other, state.receiver)
        }
        other?.receive(bytes)
        receiver?.accepted(bytes.count)
    }

    private func receive(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceSize))
            rest = rest.dropFirst(piece.count)
            state.withLock { state in
                if let receiver = state.receiver { receiver.received(piece) } else { state.early.append(piece) }
            }
        }
    }

    func close() {
        let other = state.withLock { state in
            defer { state.other = nil }
            state.isClosed = true
            return state.held == nil ? state.other : nil
        }
        other?.end()
    }

    // MARK: What a test does

    /// Ends the stream as if the other side had closed it.
    func end(_ error: (any Error)? = nil) {
        let receiver = state.withLock { state in
            state.isClosed = true
            return state.receiver
        }
        receiver?.ended(error)
    }

    /// Accepts what this side sends, and keeps it and the end of the stream.
    func hold() { state.withLock { $0.held = [] } }

    /// The number of times that this side has sent something that is held.
    var heldCount: Int { state.withLock { $0.held?.count ?? 0 } }

    /// Delivers what was held, and from now on everything.
    func release() {
        state.withLock { state in
            let held = state.held ?? []
            state.held = nil
            for bytes in held { state.other?.receive(bytes) }
        }
    }

    /// Accepts nothing that this side sends.
    func refuse() { state.withLock { $0.accepts = false } }

    /// Bytes that arrive at this side although the other side has not sent them.
    func inject(_ bytes: [UInt8]) { receive(bytes) }
}
