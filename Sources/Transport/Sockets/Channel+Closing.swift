/// Closing a channel: after the queued output is written, at once, or because the peer has ended the connection.
extension Channel {
    /// Closes once all queued output is written. Later input is discarded, and nothing more can be queued. ``Linger``
    /// limits the time.
    func closeAfterFlush() {
        guard isOpen else { return }
        let period = startLingerPeriod()
        guard pendingBytes > 0 else { return shutDownSending(period) }
        phase = .closing(.flushing, period)
        updateInterest()
        schedule(.scheduled)
    }

    /// Ends this side of the stream and waits for the peer to end its own.
    func shutDownSending(_ period: ChannelPhase.LingerPeriod) {
        phase = .closing(.lingering, period)
        loop.machine.shutDownSending(descriptor)
        updateInterest()
    }

    private func startLingerPeriod() -> ChannelPhase.LingerPeriod {
        let linger = Linger(acknowledged: acknowledgedBytes)
        return ChannelPhase.LingerPeriod(
            linger: linger, timer: loop.startTimer(at: loop.now + loop.limits.linger, self))
    }

    func timerFired(at now: ContinuousClock.Instant) {
        guard case .closing(let stage, var period) = phase else { return }
        // The kernel counts the end of the stream as one byte, so `held` is 0 only once the peer has acknowledged the
        // end too.
        let held = unacknowledgedBytes
        switch period.linger.periodEnded(
            acknowledged: queue.written - held, waiting: queue.count + held, minimum: loop.limits.minimumProgress)
        {
        case .wait:
            period.timer = loop.startTimer(at: now + loop.limits.linger, self)
            phase = .closing(stage, period)
        case .close:
            loop.observer?.noted(.lingerEnded)
            close()
        case .reset:
            loop.observer?.noted(.lingerReset)
            reset()
        }
    }

    /// Closes at once, and discards the output that waits here and in the kernel.
    func reset() {
        close(by: loop.machine.reset)
    }

    /// Resets the connection and notifies the handler.
    func giveUp() {
        let handler = phase.handler
        reset()
        handler?.channelEnded(.failed(.timedOut))
    }

    /// Closes at once. The kernel still sends what it has accepted.
    func close() {
        close(by: loop.machine.close)
    }

    /// Gives up the connection without closing its socket.
    /// - Returns: the descriptor, which the caller then owns.
    func release() -> CInt {
        leaveLoop()
        phase = .closed
        defer { descriptor = -1 }
        return descriptor
    }

    private func close(by end: (CInt) -> Void) {
        switch phase {
        case .closed: return
        // The loop does not watch it yet.
        case .accepted: openChannels.open -= 1
        case .open: leaveLoop()
        case .closing(let stage, let period):
            if stage == .abandoned { openChannels.abandoned -= 1 } else { leaveLoop() }
            loop.cancelTimer(period.timer)
        }
        phase = .closed
        end(descriptor)
        descriptor = -1
    }

    /// Stops reading and writing, but keeps the socket open.
    private func leaveLoop() {
        openChannels.open -= 1
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

    /// Keeps the socket open while the kernel still holds output for a peer that has ended its side. If the socket were
    /// closed, the kernel would keep that output for minutes; ``Linger`` resets the connection earlier if the peer
    /// reads nothing.
    private func abandon() {
        let period: ChannelPhase.LingerPeriod
        if case .closing(_, let running) = phase { period = running } else { period = startLingerPeriod() }
        loop.machine.shutDownSending(descriptor)
        // It counts for the limits of connections until it is closed.
        openChannels.abandoned += 1
        leaveLoop()
        phase = .closing(.abandoned, period)
    }
}
