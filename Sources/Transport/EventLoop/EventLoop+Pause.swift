/// Pausing client connections. Their output may depend on work that another process has not accepted yet.
extension EventLoop {
    /// Makes connections hold their output, and stop reading so that no further requests pile up. Pipes are not
    /// affected.
    package func pauseConnections() {
        checkIsolated()
        if !connectionsArePaused { observer?.noted(.connectionsPaused) }
        connectionsArePaused = true
    }

    /// Lets connections write at the end of this turn, and read again. Has no effect if they are not paused.
    package func resumeConnections() {
        checkIsolated()
        guard connectionsArePaused else { return }
        connectionsArePaused = false
        unreadUntil = now + Self.gapLimit
        let readers = pausedReaders
        pausedReaders = []
        for reader in readers { reader.resumeReading() }
    }

    /// Remembers, until ``resumeConnections()``, that a connection has unread input.
    func addPausedReader(_ reader: Channel) {
        pausedReaders.append(reader)
    }

    /// True if clients may have sent input that the loop has not read. Silence then does not prove that a client is
    /// gone.
    var mayHaveUnread: Bool {
        connectionsArePaused || unreadUntil.map { now < $0 } ?? false
    }
}
