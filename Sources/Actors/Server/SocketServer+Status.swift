import Transport

extension SocketServer {
    /// The server's gauges and its counters since the start.
    public struct Status: Sendable {
        /// The number of open connections, including those without a session.
        public var connections = 0
        /// The number of open sessions of Socket.IO clients, including those that have not joined a namespace.
        public var sessions = 0
        /// The number of sockets in all namespaces, including those whose registration is pending.
        public var sockets = 0
        /// The counters of the HTTP server.
        public var http = HTTPServer.Counters()
        /// The counters of the Engine.IO server.
        public var engine = EngineServer.Counters()
        /// The number of connections closed because of an invalid or unexpected packet.
        public var parseErrors = 0
        /// The number of connections closed because of a CONNECT over ``ServerOptions/maxNamespaces``.
        public var namespaceRefusals = 0
        /// The number of messages that the application did not accept.
        package var messageRefusals = 0
        /// The number of times that the server stopped reading from a client that exceeded its rate.
        public var ratePauses = 0
        /// The number of times that a client had to wait for a page of the history (``ServerOptions/historyRate``).
        public var historyPauses = 0
        /// The number of events over a client's rate that a handler of such events has refused.
        public var rateRefusals = 0
        /// The number of messages that clients left behind, above the rates of their addresses
        /// (``AddressLimits/rateFactor``), and that were dropped.
        public var rateDrops = 0
        /// The number of times that a socket did not join a room because of ``ServerOptions/maxRooms``.
        public var roomRefusals = 0
        /// The number of times that a client did not enter a namespace, by reason.
        public var refusedClients: [RefusedClient.Reason: Int] = [:]
        /// The number of bytes received on all connections.
        package var receivedBytes = 0
        /// The number of bytes that the kernel has accepted on all connections.
        package var sentBytes = 0
        /// The number of messages that clients sent to the store.
        public var messagesIn = 0
        /// The number of runs of events or messages that were encoded, each once for all its recipients.
        public var deliveryBatches = 0
        /// The number of times that a live client read too slowly and had to catch up again.
        public var slowReaders = 0
        /// The number of pages that sockets read from the store to catch up.
        public var pages = 0
        /// The size of the messages and events in flight to the hub, in bytes.
        public var bytesInFlight = 0
        /// The size of unfinished input in bytes; see ``ServerOptions/maxInputMemory``.
        public var inputBytes = 0
        /// The counters of connections that the input limit affected.
        public var input = InputBudget.Counters()
        /// The size of the headers and `auth` that sockets keep, in bytes.
        public var handshakeBytes = 0
    }

    /// The current gauges and counters. All are 0 before the server has started.
    public var status: Status {
        get async {
            guard let endpoint else { return Status() }
            var status = await endpoint.status
            await endpoint.worker.fill(&status)
            await endpoint.worker.followers.fill(&status)
            return status
        }
    }
}

extension Worker {
    fileprivate func fill(_ status: inout SocketServer.Status) {
        status.sockets = sockets.count
        status.parseErrors = counters.parseErrors
        status.namespaceRefusals = counters.namespaceRefusals
        status.messageRefusals = counters.messageRefusals
        status.ratePauses = counters.ratePauses
        status.rateRefusals = counters.rateRefusals
        status.rateDrops = counters.rateDrops
        status.roomRefusals = counters.roomRefusals
        status.refusedClients = counters.refusedClients
        status.messagesIn = counters.messagesIn
        status.deliveryBatches = counters.deliveryBatches
        status.bytesInFlight = bytesInFlight
        status.handshakeBytes += keptAuthBytes
    }
}

extension MessageFollowers {
    fileprivate func fill(_ status: inout SocketServer.Status) {
        status.deliveryBatches += counters.deliveryBatches
        status.slowReaders = counters.slowReaders
        status.pages = counters.pages
        status.historyPauses = counters.historyPauses
    }
}
