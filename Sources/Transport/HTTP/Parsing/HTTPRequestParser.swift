/// Turns the bytes of a connection into requests, one at a time (RFC 9112, server side).
///
/// Bytes may come in pieces of any size; the outcome does not depend on it and the work is linear. The parser stops
/// at the end of each request, so that the caller decides whether what follows is another request or, after an
/// upgrade, another protocol. While idle it owns no memory.
public struct HTTPRequestParser: Sendable {
    /// How far the current request has come. The owner's timeouts depend on it.
    public enum Stage: Sendable, Equatable {
        /// Nothing of a next request has come (but for the empty lines that may precede one).
        case idle
        /// The head has begun and is not complete.
        case head
        /// The head is complete, the body is not.
        case body
    }

    private struct PendingBody {
        let head: HTTPRequestHead
        var reader: HTTPBodyReader
    }

    /// An object, so that a parser that refuses nothing has no room for it.
    private final class Refusal: Sendable {
        let error: HTTPParserError
        let head: HTTPRequestHead?

        init(_ error: HTTPParserError, head: HTTPRequestHead?) {
            self.error = error
            self.head = head
        }
    }

    private let limits: HTTPLimits
    private var headParser = HTTPHeadParser()
    private var pendingBody: PendingBody?
    private var refusal: Refusal?

    /// Whether the client waits for `HTTP/1.1 100 Continue` before it sends the body (RFC 9110, section 10.1.1).
    ///
    /// True only between the `parse` that completed the head, without a byte of the body, and the next one: an owner
    /// that looks after each `parse` answers once.
    public private(set) var expectsContinue = false

    /// - Parameter limits: the sizes beyond which requests are refused.
    public init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// How far the current request has come; idle after an error.
    public var stage: Stage {
        if pendingBody != nil { return .body }
        return headParser.isEmpty ? .idle : .head
    }

    /// The head of the request whose body is still coming.
    var headAwaitingBody: HTTPRequestHead? { pendingBody?.head }

    /// The head of a request that was refused, as far as it had come.
    var refusedHead: HTTPRequestHead? { refusal?.head }

    /// Whether no byte of a next request has come.
    public var isIdle: Bool { stage == .idle }

    /// The memory that the unfinished request takes.
    var heldBytes: Int {
        guard let pendingBody else { return headParser.heldBytes }
        return pendingBody.head.byteCount + pendingBody.reader.bytes.count
    }

    /// Takes bytes up to the end of one request.
    ///
    /// - Parameters:
    ///   - bytes: what arrived and was not consumed before.
    ///   - maxBody: the most bytes of the body of a request with this head, instead of the limits' own.
    /// - Returns: how many of `bytes` were used, and the request if it is complete. All are used when it is not. The
    ///   caller
    ///   comes back with the rest.
    /// - Throws: why the request is refused. The parser then throws the same error for ever; answer with its status and
    ///   close.
    public mutating func parse(
        _ bytes: RawSpan, maxBody: ((HTTPRequestHead) -> Int)? = nil
    ) throws(HTTPParserError) -> (consumed: Int, request: HTTPRequest?) {
        if let refusal { throw refusal.error }
        expectsContinue = false
        do throws(HTTPParserError) {
            return try advance(bytes, maxBody)
        } catch {
            refusal = refusal ?? Refusal(error, head: pendingBody?.head ?? headParser.unfinishedHead)
            headParser = HTTPHeadParser()
            pendingBody = nil
            throw error
        }
    }

    private mutating func advance(
        _ bytes: RawSpan, _ maxBody: ((HTTPRequestHead) -> Int)?
    ) throws(HTTPParserError) -> (consumed: Int, request: HTTPRequest?) {
        var headBytes = 0
        if pendingBody == nil {
            let (consumed, head) = try headParser.consume(bytes, limits: limits)
            guard let head else { return (consumed, nil) }
            headParser = HTTPHeadParser()
            guard let reader = try bodyReader(for: head, maxBody) else {
                return (consumed, HTTPRequest(head: head, body: []))
            }
            pendingBody = PendingBody(head: head, reader: reader)
            headBytes = consumed
            guard consumed < bytes.byteCount else {
                expectsContinue =
                    head.version == .http11 && head.headers.contains(token: "100-continue", in: "Expect")
                return (consumed, nil)
            }
        }
        return try readBody(bytes, after: headBytes)
    }

    /// Nil when the request has no body.
    private mutating func bodyReader(
        for head: HTTPRequestHead, _ maxBody: ((HTTPRequestHead) -> Int)?
    ) throws(HTTPParserError) -> HTTPBodyReader? {
        do throws(HTTPParserError) {
            try head.validateHost()
            let limits = maxBody.map { self.limits.with(maxBody: $0(head)) } ?? self.limits
            return HTTPBodyReader(try HTTPBodyFraming(head, limits: limits), limits: limits)
        } catch {
            refusal = Refusal(error, head: head)
            throw error
        }
    }

    private mutating func readBody(
        _ bytes: RawSpan, after headBytes: Int
    ) throws(HTTPParserError) -> (consumed: Int, request: HTTPRequest?) {
        let rest = bytes.extracting(headBytes..<bytes.byteCount)
        // Changed in place: a copy would share the body's array and make each append copy it.
        guard let (consumed, isComplete) = try pendingBody?.reader.consume(rest) else { return (headBytes, nil) }
        guard isComplete, let body = pendingBody else { return (headBytes + consumed, nil) }
        pendingBody = nil
        return (headBytes + consumed, HTTPRequest(head: body.head, body: body.reader.bytes))
    }
}

extension HTTPRequestHead {
    /// RFC 9112, section 3.2: exactly one `Host` in HTTP/1.1, never two.
    fileprivate func validateHost() throws(HTTPParserError) {
        let hosts = headers.rawValues(of: "Host")
        guard hosts.count <= 1 else { throw .repeatedHost }
        guard let host = hosts.first else {
            if version == .http11 { throw .missingHost }
            return
        }
        guard host.allSatisfy(HTTPGrammar.isHostCharacter) else { throw .invalidHost }
    }
}
