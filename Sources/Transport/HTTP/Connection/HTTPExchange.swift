import Synchronization

/// A request and its answer, which may be given later and from any thread.
///
/// An exchange that is never answered keeps its connection open until the client leaves.
///
/// Safety of `@unchecked Sendable`: a lock protects the request, and the constants are `Sendable` or used on the loop
/// only. Every other property is used on the loop only: public members check that or continue on the loop, and the
/// others are called by the connection and by handlers, which run there.
public final class HTTPExchange: @unchecked Sendable {
    /// The request. Its body is empty until ``HTTPRequestHandler/handle(_:)`` is called. Any thread may read it.
    public internal(set) var request: HTTPRequest {
        get { currentRequest.withLock { $0 } }
        set { currentRequest.withLock { $0 = newValue } }
    }
    private let currentRequest: Mutex<HTTPRequest>
    /// The client's numeric address: the peer's, or the one that a proxy in ``TrustedProxies`` names. Empty for a
    /// client that is connected over a Unix domain socket.
    public let peer: String
    /// The loop that the connection runs on.
    public let loop: EventLoop
    private weak var connection: HTTPConnection?
    /// The position of the answer on the channel, once it is sent.
    var answer: ChannelTransfer?
    /// The number of bytes that the connection had received when the body began.
    private let bodyStart: Int
    /// The budget for unfinished input on the connection's loop.
    let inputBudget: InputBudget
    /// Called at most once, if the client disconnects before the request is answered. If this is set, a client that
    /// ends its side after its request counts as disconnected. If it is nil, such a client still gets the answer. Must
    /// be set on the loop, where the closure is called.
    public var onAbandoned: (() -> Void)? {
        get {
            loop.checkIsolated()
            return abandonment
        }
        set {
            loop.checkIsolated()
            abandonment = newValue
        }
    }
    private var abandonment: (() -> Void)?
    private var isAnswered = false
    /// Header fields that the application adds to the answer.
    var fields = HTTPFields()
    /// An object that the handler keeps from the beginning of the body until the request is complete.
    var handlerState: AnyObject?

    init(request: HTTPRequest, peer: String, connection: HTTPConnection) {
        currentRequest = Mutex(request)
        self.peer = peer
        loop = connection.channel.loop
        self.connection = connection
        bodyStart = connection.receivedBytes
        inputBudget = connection.inputBudget
    }

    /// The user of the process that has connected over a Unix domain socket; nil if the system does not know.
    package var peerUser: UInt32? {
        loop.checkIsolated()
        return connection.flatMap { PeerCredentials.user(of: $0.channel.descriptor) }
    }

    /// The memory in bytes that the request takes while it waits for its answer.
    var heldBytes: Int { request.head.byteCount + request.body.count }

    /// Discards the parts of the request that the answer does not need: the body, and most of the head.
    func releaseRequest() {
        request = HTTPRequest(head: request.head.reduced(to: ["origin", "connection"]), body: [])
    }

    /// The number of bytes that have arrived since the body began, including chunk framing.
    var receivedBody: Int { (connection?.receivedBytes ?? bodyStart) - bodyStart }

    /// True if the body is still being received.
    var isBodyAwaited: Bool { connection?.isReceivingBody(of: self) ?? false }

    /// Answers the request. Only the first answer is sent. Any thread may call this; an answer has no effect if the
    /// client has disconnected.
    public func respond(_ response: HTTPResponse) {
        guard loop.isOnLoop else { return loop.execute { self.respond(response, streaming: nil) } }
        respond(response, streaming: nil)
    }

    /// Answers the request with a body that is read in pieces. Only the first answer is sent. Must be called on the
    /// loop.
    /// - Parameters:
    ///   - response: the response to send.
    ///   - source: provides the body, in place of the response's own; nil to send that. It is not read if the answer
    ///     has no body, as for HEAD.
    public func respond(_ response: HTTPResponse, streaming source: (any HTTPBodySource)?) {
        loop.checkIsolated()
        guard !isAnswered else { return }
        isAnswered = true
        onAbandoned = nil
        connection?.answer(self, with: response, streaming: source)
    }

    /// Answers with `101` and turns the connection into a WebSocket, or refuses an invalid handshake. Must be called on
    /// the loop, where the WebSocket lives.
    /// - Parameters:
    ///   - maxMessageSize: the largest message the peer may send, in bytes.
    ///   - maxPending: the most bytes that may wait for the peer.
    /// - Returns: the WebSocket, which must get its handler at once; nil if the request was refused or the peer has
    ///   disconnected.
    public func upgrade(maxMessageSize: Int, maxPending: Int) -> WebSocketConnection? {
        loop.checkIsolated()
        guard !isAnswered else { return nil }
        do {
            let handshake = try WebSocketHandshake(request.head)
            isAnswered = true
            onAbandoned = nil
            return connection?.upgrade(
                handshake.response(adding: fields), maxMessageSize: maxMessageSize, maxPending: maxPending)
        } catch {
            var refusal = HTTPResponse.text(error.status, error.description)
            refusal.headers += error.headers
            respond(refusal)
            return nil
        }
    }

    /// Names the session that the request belongs to, for the access log.
    func attribute(to owner: any AccessOwner) {
        connection?.access?.owner = owner
    }

    /// Closes the connection without an answer.
    func drop() {
        guard !isAnswered else { return }
        isAnswered = true
        onAbandoned = nil
        connection?.drop(self)
    }

    /// Notifies the handler that the connection has closed.
    func abandon() {
        guard !isAnswered else { return }
        isAnswered = true
        let onAbandoned = onAbandoned
        self.onAbandoned = nil
        onAbandoned?()
    }
}
