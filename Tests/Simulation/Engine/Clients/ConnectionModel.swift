import Actors
import Transport

/// A client's transport: what waits at the worker, what the network carries in each direction, and its end, which either side
/// may notice first.
final class ConnectionModel {
    /// A piece of finished frames, and whether the socket followed the messages live when it was written.
    struct Piece {
        let bytes: [UInt8]
        let isLive: Bool
    }

    let number: Int
    unowned let client: ClientModel
    unowned let worker: WorkerModel
    var socket: SocketModel? {
        didSet { ownerEpoch = socket?.key.ownerEpoch ?? ownerEpoch }
    }
    /// The owner epoch of its last socket.
    private(set) var ownerEpoch: UInt32?
    /// What the client brought, while the answer to its claim is awaited.
    var claiming: ClientPacket.Credentials?

    /// What waits at the worker.
    private(set) var queue: [Piece] = []
    private(set) var pendingBytes = 0
    private var limit: PendingLimit
    private var owesDrained = false
    /// Nothing leaves before the end of the turn.
    var isHeldBack = false
    /// What the network carries to the client.
    private(set) var arriving: [Piece] = []
    private var arrivingBytes = 0
    /// What the network carries to the worker.
    var toWorker: [ClientPacket] = []
    /// The worker's side is over.
    private(set) var isOver = false
    /// The worker's side can still write what waits, and then closes.
    private(set) var isClosing = false
    /// The client's side is over.
    private(set) var isLeft = false
    /// The worker learns of that only by waiting: the client's machine has gone from the network without a word.
    private(set) var isSilent = false

    init(number: Int, of client: ClientModel, to worker: WorkerModel) {
        self.number = number
        self.client = client
        self.worker = worker
        limit = PendingLimit(bytes: worker.settings.maxPending)
    }

    // MARK: At the worker

    /// - Returns: the bytes that wait for the client.
    func send(_ frames: Frames, isVolatile: Bool = false) -> Int {
        guard !isOver else { return 0 }
        if isVolatile, pendingBytes > worker.settings.slowMark {
            worker.cluster.record.note(.volatileMissed)
            return pendingBytes
        }
        limit.add(frames.bytes.count, toWaiting: pendingBytes)
        queue.append(Piece(bytes: frames.bytes, isLive: socket?.progress.catchUp?.isLive == true))
        pendingBytes += frames.bytes.count
        if pendingBytes > worker.settings.catchUpMark { owesDrained = true }
        return pendingBytes
    }

    /// Whether more waits than may.
    var isOverLimit: Bool { limit.isExceeded(by: pendingBytes) }

    var hasRoom: Bool { arrivingBytes < worker.settings.networkCapacity }
    var canFlush: Bool { !queue.isEmpty && hasRoom }

    /// Writes what the network takes.
    /// - Returns: whether the queue fell to the low-water mark by it.
    func flush() -> Bool {
        isHeldBack = false
        var count = 0
        while count < queue.count, hasRoom {
            let piece = queue[count]
            count += 1
            pendingBytes -= piece.bytes.count
            guard !isLeft else { continue }
            arriving.append(piece)
            arrivingBytes += piece.bytes.count
        }
        queue.removeFirst(count)
        guard owesDrained, pendingBytes <= worker.settings.catchUpMark, !isOver else { return false }
        owesDrained = false
        return true
    }

    /// The worker's side ends. What waits is written first, or lost.
    func end(losesQueue: Bool) {
        isOver = true
        isClosing = !losesQueue
        if losesQueue {
            queue = []
            pendingBytes = 0
        }
    }

    // MARK: At the client

    /// The next piece that arrives.
    func receive() -> Piece? {
        guard !arriving.isEmpty else { return nil }
        let piece = arriving.removeFirst()
        arrivingBytes -= piece.bytes.count
        return piece
    }

    /// Whether the client finds the transport closed.
    var isAtEnd: Bool { isOver && queue.isEmpty && arriving.isEmpty }

    /// The network is cut, or the client's side closes.
    /// - Parameters:
    ///   - kept: how many packets still reach the worker.
    ///   - silently: whether the worker is not told.
    func leave(keeping kept: Int, silently: Bool = false) {
        isLeft = true
        isSilent = silently
        toWorker = Array(toWorker.prefix(kept))
        arriving = []
        arrivingBytes = 0
    }

    /// What the network carries is lost, but for some pieces.
    func loseArriving(keeping kept: Int) {
        arriving = Array(arriving.prefix(kept))
        arrivingBytes = arriving.reduce(0) { $0 + $1.bytes.count }
    }
}
