/// The progress of the client's transfers, which the heartbeat checks before it gives up on a client.
extension EngineSession {
    /// The latest transfers of a polling client in each direction.
    struct Transfers: InitiallyEmpty {
        /// The bytes of all requests and answers, without their heads.
        var total = Traffic()
        private(set) var answer: ChannelTransfer?
        private var answeredAt: ContinuousClock.Instant?
        private(set) var answerCount = 0
        private(set) var bodyCount = 0

        /// Records that a GET was answered.
        mutating func answered(_ answer: ChannelTransfer?, at now: ContinuousClock.Instant) {
            self.answer = answer
            answeredAt = now
            answerCount += 1
        }

        /// Resets the connection of the last answer, because the session has ended and its client does not read. An
        /// answer given in this turn is still delivered.
        func giveUp(at now: ContinuousClock.Instant) {
            if let answeredAt, answeredAt < now { answer?.giveUp() }
        }

        /// Records that the head of a POST has arrived, and its body is arriving.
        mutating func bodyBegins() {
            bodyCount += 1
        }
    }

    /// The client's progress according to the kernel.
    func progress() -> PeerProgress {
        if let webSocket { return webSocket.progress(upTo: pingMark) }
        let answer = transfers.answer
        return PeerProgress(
            acknowledged: .init(number: transfers.answerCount, bytes: answer?.acknowledgedBytes ?? 0),
            sent: .init(number: transfers.bodyCount, bytes: requests.receivingPost?.receivedBody ?? 0),
            isUnfinished: answer?.isUnfinished ?? false || requests.receivingPost?.isBodyAwaited ?? false,
            minimum: server.loop.limits.minimumProgress)
    }
}
