/// A request that has ended, or the begin or the end of a WebSocket, for an access log.
///
/// It has nothing of the query, which contains the secret session id, and nothing of the headers and the body. The
/// method and the path are visible ASCII of at most 256 bytes.
package struct HTTPAccess: Sendable, Equatable {
    package enum Event: Sendable, Equatable {
        /// A request was answered with this status. nil if the client left before, or the answer was cut off.
        case request(status: Int?)
        case webSocketOpened
        case webSocketClosed
    }

    package let event: Event
    /// The client's numeric address; empty for one that is connected over a Unix domain socket.
    package let address: String
    /// `-` if the request was not understood, like ``path``.
    package let method: String
    package let path: String
    /// The bytes of the answer with its head, or those sent on the WebSocket.
    package let sentBytes: Int
    /// The time since the request was received, or since the WebSocket was opened.
    package let duration: Duration
    /// The public id of the client's socket, if it has one yet.
    package let id: SessionID?
}

/// The owner of a connection, for an access log.
protocol AccessOwner: AnyObject {
    /// The public id of the client's socket; nil if it has none yet.
    var publicID: SessionID? { get }
}

/// The begin of a request or of a WebSocket, until it is reported.
final class HTTPAccessEntry {
    private let report: (HTTPAccess) -> Void
    private let address: String
    private let method: String
    private let path: String
    private var startedAt: ContinuousClock.Instant
    /// The number of bytes that were sent on the connection before the answer, or before the WebSocket.
    private var sentBefore = 0
    private var status: Int?
    /// True if the whole answer was queued.
    private var isComplete = false
    /// The session that the request belongs to.
    weak var owner: (any AccessOwner)?

    /// - Parameter head: the request's head; nil for a request that was not understood.
    init(
        _ head: HTTPRequestHead?, address: String, at now: ContinuousClock.Instant,
        report: @escaping (HTTPAccess) -> Void
    ) {
        self.report = report
        self.address = address
        method = head.map { LimitedReports.logSafe($0.method.rawValue) } ?? "-"
        path = head.map { LimitedReports.logSafe($0.path) } ?? "-"
        startedAt = now
    }

    /// The answer begins.
    /// - Parameter sent: the number of bytes that were sent on the connection before.
    func answer(status: Int, after sent: Int) {
        self.status = status
        sentBefore = sent
    }

    /// The answer is complete.
    func complete() {
        isComplete = true
    }

    /// The request has ended.
    func end(sent: Int, at now: ContinuousClock.Instant) {
        report(.request(status: isComplete ? status : nil), sent: status == nil ? 0 : sent - sentBefore, at: now)
    }

    func openWebSocket(after sent: Int, at now: ContinuousClock.Instant) {
        report(.webSocketOpened, sent: 0, at: now)
        sentBefore = sent
        startedAt = now
    }

    func closeWebSocket(sent: Int, at now: ContinuousClock.Instant) {
        report(.webSocketClosed, sent: sent - sentBefore, at: now)
    }

    private func report(_ event: HTTPAccess.Event, sent: Int, at now: ContinuousClock.Instant) {
        report(
            HTTPAccess(
                event: event, address: address, method: method, path: path, sentBytes: sent, duration: now - startedAt,
                id: owner?.publicID))
    }
}
