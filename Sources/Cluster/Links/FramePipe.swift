import Transport

/// The reason why a link ended. The description is one line for the operator.
public enum LinkEnd: Error, Sendable, CustomStringConvertible {
    /// The other side closed the link, or its process has ended.
    case endOfFile
    /// The other side violated the protocol. The text describes the `CodecError`.
    case corrupt(String)
    /// The other side read nothing for ten seconds while bytes waited.
    case stalled
    /// More than `limit` bytes are queued for the other side.
    case overflow(limit: Int)
    /// The other side sent nothing for ten seconds, or no hello within ten seconds.
    case silent
    /// The other side, a worker, did not answer a ping within ten seconds while clients waited for their sessions,
    /// although other bytes may have arrived.
    case unanswered
    /// The event loop cannot watch the pipes.
    case unwatched(SystemError)
    /// More than `limit` bytes from the other side wait to be handled.
    case flooded(limit: Int)
    /// The transport of the link reported this error.
    case failed(any Error)

    public var description: String {
        switch self {
        case .endOfFile: "the other side closed it"
        case .corrupt(let reason): "the other side violated the protocol: \(reason)"
        case .stalled: "the other side has read nothing for \(PipeLink.patience)"
        case .overflow(let limit): "more than \(limit >> 20) MiB are queued for the other side"
        case .unwatched(let error): "the event loop cannot watch its pipes: \(error)"
        case .silent: "the other side has sent nothing for \(PipeLink.patience)"
        case .unanswered: "the other side has not answered a ping for \(PipeLink.patience)"
        case .flooded(let limit): "more than \(limit >> 20) MiB from the other side wait to be handled"
        case .failed(let error): "its transport failed: \(error)"
        }
    }
}

/// Receives the frames of a ``FramePipe`` and the changes of its state. Called on the pipe's loop.
protocol FrameHandler: AnyObject {
    /// - Throws: ``CodecError`` if the protocol does not allow the frame or its body.
    func received(_ frame: FrameDecoder.Frame) throws(CodecError)
    /// The system has accepted all sent bytes.
    func accepted()
    /// The other side reads too little or sends nothing, so its process must be ended. The frames that it sent still
    /// arrive, followed by ``ended(_:)``.
    func evicted(_ reason: LinkEnd)
    /// The link has ended. No call follows.
    func ended(_ end: LinkEnd)
    /// The loop has stopped. No call follows.
    func loopEnded()
}

/// One side of a link: frames over a pair of pipes or a transport, on a loop.
final class FramePipe: PipeHandler, TimerTarget {
    /// A peer that reads nothing for this long no longer holds up the hub.
    private static let congestedPatience = Duration.milliseconds(500)

    var encoder: FrameEncoder
    private var decoder: FrameDecoder
    private let pipe: any LinkStream
    private let loop: EventLoop
    private weak var handler: (any FrameHandler)?
    private var timer: EventLoop.TimerToken?
    private var isEvicted = false
    /// Counts the time in which bytes waited and the other side read none.
    private var stall: IdleTime
    /// The value of ``PipePair/stalledSince`` at the last tick. The same value again means that nothing was read.
    private var stalledSince: ContinuousClock.Instant?
    /// Counts the time in which nothing arrived.
    private var silence: IdleTime

    /// - Parameters:
    ///   - patience: how long the other side may read nothing while bytes wait for it. The same limit applies to how
    ///     long it may send nothing, if ``checkSilence()`` is called.
    ///   - awaitsHello: true if the other side's first frame must be a hello.
    init(_ stream: any LinkStream, on loop: EventLoop, patience: Duration, awaitsHello: Bool = false) {
        pipe = stream
        decoder = FrameDecoder(awaitsHello: awaitsHello)
        self.loop = loop
        encoder = FrameEncoder(preferredSize: loop.limits.frame)
        stall = IdleTime(limit: patience)
        silence = IdleTime(limit: patience)
    }

    var isOpen: Bool { pipe.isOpen }

    /// The number of bytes that the system has not accepted.
    var pendingBytes: Int { pipe.pendingBytes }

    /// True if many bytes are queued for the other side and the other side still reads.
    var isCongested: Bool {
        guard !isEvicted, pipe.pendingBytes > loop.limits.congestedLink else { return false }
        return pipe.stalledSince.map { loop.now - $0 < Self.congestedPatience } ?? true
    }

    /// - Throws: ``SystemError`` if the loop cannot watch the pipes.
    func start(_ handler: any FrameHandler) throws(SystemError) {
        self.handler = handler
        try pipe.open(for: self)
        startTimer()
    }

    /// Sends a frame. Frames must be sent in the order in which ``encoder`` made them.
    func send(_ frame: [UInt8]) {
        guard !isEvicted else { return }
        pipe.send(frame)
        if pipe.pendingBytes > loop.limits.linkQueue { evict(.overflow(limit: loop.limits.linkQueue)) }
    }

    /// Handles, within this call, everything that the other side has written so far.
    func drain() {
        // This may run while a frame of this pipe is being handled. The decoder may already hold later frames.
        handleFrames()
        pipe.readAvailable()
    }

    func close() {
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        pipe.close()
    }

    /// Reports that the process on the other side must be ended. Frames that it sent are still handled, up to the end
    /// of the pipe.
    func evict(_ reason: LinkEnd) {
        guard !isEvicted, pipe.isOpen else { return }
        isEvicted = true
        handler?.evicted(reason)
    }

    // MARK: Pipe

    func pipeRead(_ bytes: RawSpan) {
        silence.reset()
        decoder.append(bytes)
        handleFrames()
    }

    private func handleFrames() {
        do {
            while pipe.isOpen, let frame = try decoder.next() {
                // Handling a frame may drain another link, whose frames may cause this link to be drained. That nested
                // call then handles the frames that follow the present frame.
                try handler?.received(frame)
            }
        } catch {
            end(.corrupt("\(error)"))
        }
    }

    func pipeEnded() {
        end(pipe.failure ?? .endOfFile)
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
            stall.reset()
            stalledSince = pipe.stalledSince
        } else if stall.tick() {
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

    /// Evicts the other side if it has been silent for too long. Call it once per ``silenceInterval``, and only if the
    /// other side must send something in each interval.
    func checkSilence() {
        if silence.tick() { evict(.silent) }
    }

    var silenceInterval: Duration { silence.interval }
}

/// A frame handler that is an actor on the link's loop.
protocol FrameActor: FrameHandler, Actor {
    /// - Throws: ``CodecError`` if the protocol does not allow the frame or its body.
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
