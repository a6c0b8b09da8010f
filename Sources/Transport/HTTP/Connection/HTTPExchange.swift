/// One request and the answer it gets, now or later.
public final class HTTPExchange {
    /// The request; its body is empty until ``HTTPRequestHandler/handle(_:)`` is called.
    public internal(set) var request: HTTPRequest
    /// The peer's numeric address.
    public let peer: String
    private weak var connection: HTTPConnection?
    /// The bytes of the answer, once it is given.
    var answer: ChannelTransfer?
    /// How much its connection had received when its body began.
    private let bodyStart: Int
    /// What unfinished input may take on the connection's loop.
    let inputBudget: InputBudget
    /// Called at most once, when the client goes away before it has an answer. While this is set, a client that ends its side
    /// of the connection behind its request counts as gone; otherwise it still gets the answer.
    public var onAbandoned: (() -> Void)?
    private var isAnswered = false

    init(request: HTTPRequest, peer: String, connection: HTTPConnection) {
        self.request = request
        self.peer = peer
        self.connection = connection
        bodyStart = connection.receivedBytes
        inputBudget = connection.inputBudget
    }

    /// The memory that the request takes while it waits for its answer.
    var heldBytes: Int { request.head.byteCount + request.body.count }

    /// Forgets what an answer does not need: the body, and most of the head.
    func releaseRequest() {
        request = HTTPRequest(head: request.head.reduced(to: ["origin", "connection"]), body: [])
    }

    /// How much of its body has come, as long as it is being received.
    var receivedBody: Int { (connection?.receivedBytes ?? bodyStart) - bodyStart }

    /// Whether its body is still being received.
    var isBodyAwaited: Bool { connection?.isReceivingBody(of: self) ?? false }

    /// Answers the request. Only the first answer counts.
    /// - Parameter source: gives the body in place of the response's own, piece by piece. It is not asked when the answer
    ///   has no body, as to a HEAD.
    public func respond(_ response: HTTPResponse, streaming source: (any HTTPBodySource)? = nil) {
        guard !isAnswered else { return }
        isAnswered = true
        onAbandoned = nil
        connection?.answer(self, with: response, streaming: source)
    }

    /// Answers with `101` and takes the connection over as a WebSocket, or refuses a bad upgrade request.
    /// - Parameters:
    ///   - maxMessageSize: the largest message the peer may send, in bytes.
    ///   - maxPending: the most bytes that may wait for the peer.
    /// - Returns: the WebSocket, to be given its handler at once; nil when the request was refused or the peer has gone.
    public func upgrade(maxMessageSize: Int, maxPending: Int) -> WebSocketConnection? {
        guard !isAnswered else { return nil }
        do {
            let handshake = try WebSocketHandshake(request.head)
            isAnswered = true
            onAbandoned = nil
            return connection?.upgrade(handshake.response, maxMessageSize: maxMessageSize, maxPending: maxPending)
        } catch {
            var refusal = HTTPResponse.text(error.status, error.description)
            refusal.headers += error.headers
            respond(refusal)
            return nil
        }
    }

    /// Closes the connection without an answer.
    func drop() {
        guard !isAnswered else { return }
        isAnswered = true
        onAbandoned = nil
        connection?.drop(self)
    }

    /// The connection is gone.
    func abandon() {
        guard !isAnswered else { return }
        isAnswered = true
        let onAbandoned = onAbandoned
        self.onAbandoned = nil
        onAbandoned?()
    }
}
