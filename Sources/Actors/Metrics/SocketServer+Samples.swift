import Transport

extension SocketServer {
    /// What the worker side of this server measures, including values that are zero.
    package var workerSamples: MetricSamples {
        get async {
            var samples = MetricSamples()
            guard let endpoint else { return samples }
            let status = await status
            await endpoint.worker.fill(&samples)
            await endpoint.worker.followers.fill(&samples)
            samples.addConnections(status)
            for (reason, count) in status.refusals { samples.add(.refusals, reason, number: count) }
            if let own = sources.ownSamples { samples.merge(own) }
            return samples
        }
    }
}

extension SocketServer.Status {
    /// Everything that was refused, by reason: the one list of reasons. Each refusal counts under one of them.
    fileprivate var refusals: [(reason: String, count: Int)] {
        let packets = [("packet", parseErrors), ("namespaces", namespaceRefusals), ("message", messageRefusals)]
        let sizes = [("payload", engine.tooLargeMessages), ("pending", engine.overflows)]
        let input = [("input_memory_reset", input.resets), ("input_memory", input.refusals)]
        let descriptors = [("descriptors", http.connectionsRefused)]
        let requests = [("host", http.hostRefusals)] + http.refusalsByStatus.map { ("http_\($0)", $1) }
        let limits = ReachedLimit.allCases.map { ($0.label, http.limited[$0, default: 0]) }
        let rates = [("rate", rateRefusals), ("rate_end", rateDrops), ("rooms", roomRefusals)]
        return packets + sizes + input + descriptors + requests + limits + rates
            + EngineError.allCases.map { ($0.label, engine.refused[$0, default: 0]) }
            + RefusedClient.Reason.allCases.map { ($0.rawValue, refusedClients[$0, default: 0]) }
    }
}

extension ReachedLimit {
    /// The reason in the metric of refusals.
    fileprivate var label: String {
        switch self {
        case .connections: "connections"
        case .addressConnections: "address_connections"
        case .addressSessions: "address_sessions"
        case .handshakes: "handshake_rate"
        }
    }
}

extension EngineError {
    /// The reason in the metric of refusals.
    fileprivate var label: String {
        switch self {
        case .unknownTransport: "unknown_transport"
        case .unknownSession: "unknown_session"
        case .badHandshakeMethod: "bad_handshake_method"
        case .badRequest: "bad_request"
        case .forbidden: "forbidden"
        case .unsupportedProtocolVersion: "unsupported_version"
        }
    }
}

extension MetricSamples {
    fileprivate mutating func addConnections(_ status: SocketServer.Status) {
        add(.connections, "websocket", number: status.engine.webSockets)
        add(.connections, "polling", number: status.sessions - status.engine.webSockets)
        add(.networkConnections, number: status.connections)
        add(.sockets, number: status.sockets)
        add(.acceptedConnections, number: status.http.connections)
        add(.openedConnections, number: status.engine.opened)
        for reason in EngineCloseReason.allCases {
            let label = reason.rawValue.split(separator: " ").joined(separator: "_")
            add(.endedConnections, label, number: status.engine.ended[reason, default: 0])
        }
        add(.upgrades, number: status.engine.upgrades)
        for (index, count) in status.http.responsesByClass.enumerated() {
            add(.responses, "\(index + 1)xx", number: count)
        }
        add(.receivedBytes, number: status.receivedBytes)
        add(.sentBytes, number: status.sentBytes)
        add(.receivedPackets, number: status.engine.messages)
        add(.receivedMessages, number: status.messagesIn)
        add(.deliveryBatches, number: status.deliveryBatches)
        add(.ratePauses, number: status.ratePauses)
        add(.historyPauses, number: status.historyPauses)
        add(.slowReaders, number: status.slowReaders)
        add(.historyPages, number: status.pages)
        add(.bytesInFlight, number: status.bytesInFlight)
        add(.inputBytes, number: status.inputBytes)
        add(.handshakeBytes, number: status.handshakeBytes)
    }
}

extension Worker {
    fileprivate func fill(_ samples: inout MetricSamples) {
        samples.add(.deliveries, "event", number: counters.eventDeliveries)
        samples.add(.recoveries, "recovered", number: counters.recovered)
        samples.add(.recoveries, "refused", number: counters.notRecovered)
        samples.add(.acknowledgementTime, counters.acknowledgements)
    }
}

extension MessageFollowers {
    fileprivate func fill(_ samples: inout MetricSamples) {
        samples.add(.deliveries, "message", number: counters.liveDeliveries)
        samples.add(.deliveries, "catch_up", number: counters.catchUpDeliveries)
        samples.add(.deliveryTime, counters.deliveryTimes)
    }
}
