import Transport

/// Why a link is over.
public enum LinkEnd: Error, Sendable, CustomStringConvertible {
    /// The other side closed it, or its process is gone.
    case endOfFile
    /// What came is nothing that the other side can have sent.
    case corrupt(String)
    /// Nothing was taken for 10 s while bytes waited.
    case stalled
    /// More bytes wait than may.
    case overflow(limit: Int)
    /// Nothing came for 10 s.
    case silent
    /// The loop cannot watch it.
    case unwatched(SystemError)

    public var description: String {
        switch self {
        case .endOfFile: "it ended"
        case .corrupt(let reason): "its link is corrupt: \(reason)"
        case .stalled: "it has read nothing for \(PipeLink.patience)"
        case .overflow(let limit): "more than \(limit >> 20) MiB wait for it"
        case .unwatched(let error): "its link cannot be watched: \(error)"
        case .silent: "it has said nothing for \(PipeLink.patience)"
        }
    }
}

/// Whom a link tells. Called on its loop.
protocol FrameHandler: AnyObject {
    /// - Throws: ``CodecError`` when the frame is none that may come.
    func received(_ frame: FrameDecoder.Frame) throws(CodecError)
    /// Everything that was sent has been accepted by the system.
    func accepted()
    /// The other side takes nothing any more, or too little: it has to be ended. Its end still comes by ``ended(_:)``, behind
    /// everything that it sent.
    func evicted(_ reason: LinkEnd)
    /// Nothing follows.
    func ended(_ end: LinkEnd)
    /// The loop has stopped; nothing follows.
    func loopEnded()
}

/// One side of a link: frames over pipes, on a loop.
final class FramePipe: PipeHandler, TimerTarget {
    /// A peer that takes nothing for this long no longer holds up the hub.
    private static let congestedPatience = Duration.milliseconds(500)

    var encoder: FrameEncoder
    private var decoder = FrameDecoder()
    private let pipe: PipePair
    private let loop: EventLoop
    private weak var handler: (any FrameHandler)?
    private var timer: EventLoop.TimerToken?
    private var isEvicted = false
    /// How long bytes have waited without any being taken.
    private var stall: IdleTime
    private var stalledSince: ContinuousClock.Instant?
    /// How long nothing has come.
    private var silence: IdleTime

    /// - Parameter patience: how long the other side may take nothing while bytes wait for it, and say nothing where it is
    ///   asked to.
    init(_ ends: PipePair.Ends, on loop: EventLoop, patience: Duration) {
        pipe = PipePair(ends, on: loop)
        self.loop = loop
        encoder = FrameEncoder(preferredSize: loop.limits.frame)
        stall = IdleTime(limit: patience)
        silence = IdleTime(limit: patience)
    }

    var isOpen: Bool { pipe.isOpen }

    /// The bytes that the system has not accepted.
    var pendingBytes: Int { pipe.pendingBytes }

    /// Whether much waits for the other side, and it is taking it.
    var isCongested: Bool {
        guard !isEvicted, pipe.pendingBytes > loop.limits.congestedLink else { return false }
        return pipe.stalledSince.map { loop.now - $0 < Self.congestedPatience } ?? true
    }

    /// - Throws: ``SystemError`` when the loop cannot watch the pipes.
    func start(_ handler: any FrameHandler) throws(SystemError) {
        self.handler = handler
        try pipe.open(for: self)
        startTimer()
    }

    /// Sends frames that ``encoder`` made, in the order in which it made them.
    func send(_ frame: [UInt8]) {
        guard !isEvicted else { return }
        pipe.send(frame)
        if pipe.pendingBytes > loop.limits.linkQueue { evict(.overflow(limit: loop.limits.linkQueue)) }
    }

    /// Handles, within this call, what the other side has written so far.
    func drain() {
        // This may be called from within one of its own frames: those behind it have been read already.
        handleFrames()
        pipe.readAvailable()
    }

    func close() {
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        pipe.close()
    }

    /// The other side is to be ended; what it sent is handled until its end.
    func evict(_ reason: LinkEnd) {
        guard !isEvicted, pipe.isOpen else { return }
        isEvicted = true
        handler?.evicted(reason)
    }

    // MARK: Pipe

    func pipeRead(_ bytes: RawSpan) {
        silence.end()
        decoder.append(bytes)
        handleFrames()
    }

    private func handleFrames() {
        do {
            while pipe.isOpen, let frame = try decoder.next() {
                // Hearing another link out may lead back here; then the frames behind this one are handled in there.
                try handler?.received(frame)
            }
        } catch {
            end(.corrupt("\(error)"))
        }
    }

    func pipeEnded() {
        end(.endOfFile)
    }

    func pipeAccepted() {
        handler?.accepted()
    }

    private func end(_ reason: LinkEnd) {
        let handler = handler
        self.handler = nil
        close()
        handler?.ended(reason)
    }

    // MARK: Time

    private func startTimer() {
        timer = loop.startTimer(at: loop.now + stall.interval, self)
    }

    func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        if pipe.stalledSince == nil || pipe.stalledSince != stalledSince {
            stall.end()
            stalledSince = pipe.stalledSince
        } else if stall.isOver() {
            evict(.stalled)
        }
        if pipe.isOpen { startTimer() }
    }

    func loopEnded() {
        let handler = handler
        self.handler = nil
        timer = nil
        close()
        handler?.loopEnded()
    }

    /// To be called once an ``IdleTime/interval``, where the other side has something to say in each.
    func checkSilence() {
        if silence.isOver() { evict(.silent) }
    }

    var silenceInterval: Duration { silence.interval }
}

/// An actor on a link's loop that the link tells.
protocol FrameActor: FrameHandler, Actor {
    /// - Throws: ``CodecError`` when the frame is none that may come.
    func handle(_ frame: FrameDecoder.Frame) throws(CodecError)
}

extension FrameActor {
    nonisolated func received(_ frame: FrameDecoder.Frame) throws(CodecError) {
        let failure = assumeIsolated { link -> CodecError? in
            do throws(CodecError) {
                try link.handle(frame)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
