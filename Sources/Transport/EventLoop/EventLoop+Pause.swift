/// Pausing connections, because what they would tell their clients is ahead of what others have accepted.
extension EventLoop {
    /// From now on connections keep what they have for their clients, and leave unread what these send: it could only wait too.
    /// Pipes go on.
    public func pauseConnections() {
        checkIsolated()
        if !connectionsArePaused { observer?.noted(.writesHeld) }
        connectionsArePaused = true
    }

    /// Connections write again at the end of the turn, and read. Nothing changes when they are not paused.
    public func resumeConnections() {
        checkIsolated()
        guard connectionsArePaused else { return }
        connectionsArePaused = false
        unreadUntil = now + Self.gapLimit
        let readers = pausedReaders
        pausedReaders = []
        for reader in readers { reader.resumeReading() }
    }

    /// Keeps a connection until it may read again.
    func addPausedReader(_ reader: Channel) {
        pausedReaders.append(reader)
    }

    /// Whether clients' silence proves nothing, because it is this loop that may not have read what they sent.
    var mayHaveUnread: Bool {
        connectionsArePaused || unreadUntil.map { now < $0 } ?? false
    }
}
