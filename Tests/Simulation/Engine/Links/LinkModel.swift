import Actors
import Cluster

/// The pipes between a worker and its hub, with the real codec at both ends.
final class LinkModel {
    let incarnation: Incarnation
    /// The worker's number, for the trace.
    let worker: Int
    var toHub: PipeModel
    var toWorker: PipeModel
    private var hubEncoder = FrameEncoder()
    private var hubDecoder = FrameDecoder()
    private var workerEncoder = FrameEncoder()
    private var workerDecoder = FrameDecoder()
    /// Whether the worker's process is there.
    var hasWorker = true
    /// Whether the hub's process is there.
    var hasHub = true

    init(_ incarnation: Incarnation, worker: Int, capacity: Int) {
        self.worker = worker
        self.incarnation = incarnation
        toHub = PipeModel(capacity: capacity)
        toWorker = PipeModel(capacity: capacity)
    }

    /// The bytes of a frame of which the rest will not come.
    var tornBytes: Int { hubDecoder.pendingBytes }

    // MARK: Sending

    /// - Returns: how many bytes the system has accepted.
    func send(_ operations: [Operation]) -> Int {
        let frames = workerEncoder.frames(.operations, of: operations) { $0.append($1) }
        return frames.reduce(0) { $0 + toHub.send($1) }
    }

    func send(_ items: [StreamItem]) {
        guard hasWorker else { return }
        for frame in hubEncoder.frames(.items, of: items, { $0.append($1) }) { _ = toWorker.send(frame) }
    }

    // MARK: Receiving

    /// Takes what the worker has written. The frames are handed on one by one, since one may lead back here.
    func readAtHub(_ count: Int, _ receive: ([Operation]) -> Void) {
        hubDecoder.append(toHub.read(atMost: count).span.bytes)
        while let frame = whole({ try hubDecoder.next() }) {
            var reader = WireReader(frame.body)
            receive(whole { try reader.rest { reader throws(CodecError) in try reader.operation() } })
        }
    }

    func readAtWorker(_ count: Int, _ receive: ([StreamItem]) -> Void) {
        workerDecoder.append(toWorker.read(atMost: count).span.bytes)
        while let frame = whole({ try workerDecoder.next() }) {
            var reader = WireReader(frame.body)
            receive(whole { try reader.rest { reader throws(CodecError) in try reader.item() } })
        }
    }

    private func whole<Value>(_ read: () throws -> Value) -> Value {
        do {
            return try read()
        } catch {
            preconditionFailure("what was encoded cannot be decoded: \(error)")
        }
    }
}
