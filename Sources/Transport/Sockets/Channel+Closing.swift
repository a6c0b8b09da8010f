/// How a channel ends: behind what is queued, at once, or by the peer.
extension Channel {
    /// Closes once everything queued is written; nothing more is read or queued. ``Linger`` says how long that may take.
    func closeAfterFlush() {
        guard isOpen else { return }
        let term = beginTerm()
        guard pendingBytes > 0 else { return shutDownSending(term) }
        phase = .closing(.flushing, term)
        updateInterest()
        schedule(.scheduled)
    }

    func shutDownSending(_ term: ChannelPhase.ClosingTerm) {
        phase = .closing(.lingering, term)
        loop.machine.shutDownSending(descriptor)
        updateInterest()
    }

    private func beginTerm() -> ChannelPhase.ClosingTerm {
        let linger = Linger(acknowledged: acknowledgedBytes)
        return ChannelPhase.ClosingTerm(linger: linger, timer: loop.startTimer(at: loop.now + loop.limits.linger, self))
    }

    func timerFired(at now: ContinuousClock.Instant) {
        guard case .closing(let stage, var term) = phase else { return }
        // The end of the stream waits like a byte of it.
        let held = unacknowledgedBytes
        switch term.linger.termEnded(
            acknowledged: queue.written - held, waiting: queue.count + held, least: loop.limits.leastProgress)
        {
        case .wait:
            term.timer = loop.startTimer(at: now + loop.limits.linger, self)
            phase = .closing(stage, term)
        case .close:
            loop.observer?.noted(.lingerEnded)
            close()
        case .reset:
            loop.observer?.noted(.lingerReset)
            reset()
        }
    }

    /// Closes at once, and what the peer has not taken is forgotten here and in the kernel.
    func reset() {
        close(by: loop.machine.reset)
    }

    /// Resets, and tells the handler.
    func giveUp() {
        let handler = phase.handler
        reset()
        handler?.channelEnded(.failed(.timedOut))
    }

    /// Closes at once. What the kernel has taken, it keeps until the peer does too.
    func close() {
        close(by: loop.machine.close)
    }

    private func close(by end: (CInt) -> Void) {
        switch phase {
        case .closed: return
        case .accepted, .open: leaveLoop()
        case .closing(let stage, let term):
            if stage != .abandoned { leaveLoop() }
            loop.cancelTimer(term.timer)
        }
        phase = .closed
        end(descriptor)
        descriptor = -1
    }

    /// Nothing more is read or written; the socket is still there.
    private func leaveLoop() {
        gauge.open -= 1
        loop.deregister(descriptor)
        queue.clear()
        output = .idle
    }

    func loopEnded() {
        let handler = phase.handler
        close()
        handler?.channelEnded(.endOfFile)
    }

    func end(_ end: ChannelEnd) {
        let handler = phase.handler
        if end == .endOfFile, unacknowledgedBytes > 0 { abandon() } else { close() }
        handler?.channelEnded(end)
    }

    /// The peer sends nothing any more, and may wait for what the kernel has. The kernel waits for minutes, so we look after
    /// one that takes nothing.
    private func abandon() {
        let term: ChannelPhase.ClosingTerm
        if case .closing(_, let running) = phase { term = running } else { term = beginTerm() }
        loop.machine.shutDownSending(descriptor)
        leaveLoop()
        phase = .closing(.abandoned, term)
    }
}
