/// The timeouts for requests, answers, and the time between them.
extension HTTPConnection: TimerTarget {
    func setDeadline(after duration: Duration) {
        timer.set(to: channel.loop.now + duration, on: channel.loop, calling: self)
    }

    func timerFired(at now: ContinuousClock.Instant) {
        guard timer.isDue(at: now, on: channel.loop, calling: self) else { return }
        if isBetweenRequests {
            checkAnswer(at: now)
        } else {
            refuse(.text(.requestTimeout, "the request did not arrive in time"))
        }
    }

    /// True if no byte of the next request has arrived. A PROXY header is a part of the first one.
    private var isBetweenRequests: Bool {
        parser.isIdle && (backlog.isEmpty || !peer.mayBeginWithHeader)
    }

    /// Checks the answer deadline or the idle deadline, when no request is being received.
    private func checkAnswer(at now: ContinuousClock.Instant) {
        let acknowledged = channel.acknowledgedBytes
        let hasReceivedAll = acknowledged >= channel.queuedBytes
        if hasReceivedAll, !isStreaming {
            guard now < idleDeadline else { return closeAfterFlush() }
            return setDeadline(after: idleDeadline - now)
        }
        idleDeadline = now + timeouts.idle
        if hasReceivedAll {
            // The client has received everything sent so far, so only the source of the body is slow. Start the
            // deadline again.
            answerDeadline = HTTPAnswerDeadline(timeout: timeouts.answer, acknowledged: acknowledged, now: now)
        }
        switch answerDeadline?.check(
            acknowledged: acknowledged, at: now, minimum: channel.loop.limits.minimumProgress)
        {
        case .wait(let instant): setDeadline(after: instant - now)
        case .giveUp, nil:
            channel.reset()
            finish()
        }
    }

    private var isStreaming: Bool {
        if case .streaming = phase { true } else { false }
    }
}

/// The timeouts of an HTTP connection.
struct HTTPTimeouts {
    /// From the start of the connection, or from the first byte of a later request, to the end of the request's head.
    var head: Duration
    /// From the end of the head to the end of the body.
    var body: Duration
    /// The time for each 16 KiB of an answer.
    var answer: Duration
    /// The time between requests.
    var idle: Duration
}
