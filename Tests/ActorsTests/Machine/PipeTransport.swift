import Synchronization

@testable import Cluster
@testable import Transport

/// A transport over pipes of the test's machine.
final class PipeTransport: LinkTransport {
    private final class Pipes: PipeHandler {
        let pair: PipePair
        let receiver: LinkReceiver

        init(_ ends: PipePair.Ends, on loop: EventLoop, _ receiver: LinkReceiver) {
            pair = PipePair(ends, on: loop)
            self.receiver = receiver
        }

        func pipeRead(_ bytes: RawSpan) {
            receiver.received(bytes.withUnsafeBytes { Array($0) })
        }

        func pipeWrote(_ count: Int) { receiver.accepted(count) }
        func pipeAccepted() {}
        func pipeEnded() { receiver.ended() }
    }

    private let ends: PipePair.Ends
    private let pipes = Mutex<LoopBound<Pipes>?>(nil)

    init(_ ends: PipePair.Ends) {
        self.ends = ends
    }

    func start(on loop: EventLoop, _ receiver: LinkReceiver) {
        let pipes = Pipes(ends, on: loop, receiver)
        let bound = LoopBound(pipes, to: loop)
        self.pipes.withLock { $0 = bound }
        do {
            try pipes.pair.open(for: pipes)
        } catch {
            receiver.ended(error)
        }
    }

    func send(_ bytes: [UInt8]) {
        pipes.withLock { $0 }?.value.pair.send(bytes)
    }

    func close() {
        pipes.withLock { $0 }?.value.pair.close()
        pipes.withLock { $0 = nil }
    }
}
