/// Passing the connection to the worker that its next request belongs to.
extension HTTPConnection {
    /// Passes the connection on, or waits until the earlier answers are written.
    func leave() {
        guard case .leaving(let head) = phase, let handover = server.handover else { return }
        guard channel.pendingBytes == 0 else { return channel.reportWhenWritten() }
        let destination = server.destination(of: head, isPassedOn: false)
        guard destination != .here else { return stay(head) }
        guard handover.hasRoom else {
            phase = .idle
            return refuse(.text(.serviceUnavailable, "too many requests wait for another worker"), to: head)
        }
        let received = head.headers.bytes + backlog.take()
        server.counters.passedOn += 1
        channel.loop.observer?.noted(destination == .leastLoaded ? .newSessionPassedOn : .connectionPassedOn)
        let descriptor = channel.release()
        finish()
        handover.pass(
            PassedConnection(
                descriptor: descriptor, peer: peer, received: received,
                refusalHeaders: server.scopeHeaders(for: head)),
            to: destination)
    }

    /// Handles the request here after all, because its worker has ended in the meantime.
    private func stay(_ head: HTTPRequestHead) {
        backlog.putBack(head.headers.bytes)
        isPassedOn = true
        phase = .idle
        resume()
    }

    func channelWritten() {
        leave()
    }
}
