extension Worker {
    /// Counters since the start.
    struct Counters: Sendable {
        var parseErrors = 0
        /// The CONNECTs of clients that have as many namespaces as they may.
        var namespaceRefusals = 0
        /// The messages that the application did not accept.
        var messageRefusals = 0
        var messagesIn = 0
        var deliveryBatches = 0
        /// The times that reading from a client stopped because of its rate, and the events over it that were refused.
        var ratePauses = 0
        var rateRefusals = 0
        /// The messages that clients left behind above the rates of their addresses.
        var rateDrops = 0
        /// The calls of `join` by sockets in as many rooms as they may be.
        var roomRefusals = 0
        /// The clients that did not enter a namespace.
        var refusedClients: [RefusedClient.Reason: Int] = [:]
        /// Events times their recipients.
        var eventDeliveries = 0
        /// Claims that resumed a session, and those that did not.
        var recovered = 0
        var notRecovered = 0
        /// The times from the receipt of a message to its acknowledgement.
        var acknowledgements = Histogram()
    }

    /// Counts an invalid packet, or one that the client may not send now.
    func countRefusal(of packet: any Error) {
        if case .tooManyNamespaces? = packet as? ConnectionError {
            counters.namespaceRefusals += 1
        } else {
            counters.parseErrors += 1
        }
    }

    func count(_ answer: ClaimAnswer) {
        switch answer {
        case .recovered: counters.recovered += 1
        case .refused: counters.notRecovered += 1
        }
    }
}
