/// Answers the requests of connections that no worker can take, and closes these connections. Used on its loop.
package final class ConnectionRefusal {
    /// The reason why no worker can take a connection.
    package enum Reason: Sendable {
        /// The worker of the request's session has ended.
        case sessionEnded
        /// Too many connections wait for the worker, or no worker opens sessions.
        case unavailable
        /// The server has too many connections.
        case tooManyConnections
        /// The client's address has too many connections.
        case tooManyOfAddress
        /// The peer is not one that may connect.
        case notPermitted
    }

    /// The most connections whose clients have not closed them yet. Above it, the oldest is reset.
    package static let limit = 256

    private final class NoHandler: ChannelHandler {
        func channelRead(_ bytes: RawSpan) {}
        func channelEnded(_ end: ChannelEnd) {}
        func channelDrained() {}
    }

    private let loop: EventLoop
    private let openChannels = OpenCount()
    /// The connections in the order of their refusal. Some may be closed already.
    private var channels: [Channel] = []

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Refuses the first request of a connection that has received no answer to it.
    /// - Parameters:
    ///   - descriptor: the connected socket, closed by this object.
    ///   - headers: additional header fields of the answer.
    package func refuse(_ descriptor: CInt, because reason: Reason, headers: [(String, String)] = []) {
        makeRoom()
        let channel = Channel(passed: descriptor, loop: loop, openChannels: openChannels)
        do {
            try channel.open(for: NoHandler())
        } catch {
            return channel.close()
        }
        var response: HTTPResponse
        switch reason {
        case .sessionEnded:
            loop.observer?.noted(.connectionNotPassedOn)
            response = EngineError.unknownSession.response()
        case .unavailable: response = .text(.serviceUnavailable, "no worker can take this request at the moment")
        case .tooManyConnections: response = .text(.serviceUnavailable, "the server has too many connections")
        case .tooManyOfAddress: response = .text(.tooManyRequests, "this address has too many connections")
        case .notPermitted: response = .text(.forbidden, "this user may not connect")
        }
        response.headers += headers
        channel.send(response.serialized(keepAlive: false))
        channel.closeAfterFlush()
        channels.append(channel)
    }

    private func makeRoom() {
        guard channels.count >= Self.limit else { return }
        channels.removeAll(where: \.isClosed)
        guard channels.count >= Self.limit else { return }
        channels.removeFirst().reset()
    }
}
