/// How far the client is with what it takes and sends: what its heartbeat asks before it gives a client up.
extension EngineSession {
    /// The client's latest transfers.
    struct Transfers {
        /// How many bytes had been queued on the WebSocket when the last ping was, itself included.
        var pingMark = 0
        private(set) var answer: ChannelTransfer?
        private var answeredAt: ContinuousClock.Instant?
        private(set) var answerCount = 0
        private(set) var bodyCount = 0

        /// A GET was answered with packets.
        mutating func answered(_ answer: ChannelTransfer?, at now: ContinuousClock.Instant) {
            self.answer = answer
            answeredAt = now
            answerCount += 1
        }

        /// The session is over because its client takes nothing: nor will it take an answer that was given before this turn.
        func giveUp(at now: ContinuousClock.Instant) {
            if let answeredAt, answeredAt < now { answer?.giveUp() }
        }

        /// The head of a POST has come, and its body has not.
        mutating func bodyBegins() {
            bodyCount += 1
        }
    }

    /// Asks the kernel.
    func progress() -> PeerProgress {
        if let webSocket { return webSocket.progress(upTo: transfers.pingMark) }
        let answer = transfers.answer
        return PeerProgress(
            taken: .init(number: transfers.answerCount, bytes: answer?.acknowledgedBytes ?? 0),
            sent: .init(number: transfers.bodyCount, bytes: requests.receivingPost?.receivedBody ?? 0),
            isUnfinished: answer?.isUnfinished ?? false || requests.receivingPost?.isBodyAwaited ?? false,
            least: server.loop.limits.leastProgress)
    }
}
