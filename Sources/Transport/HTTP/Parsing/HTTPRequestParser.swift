/// Parses the bytes of a connection into requests, one at a time (RFC 9112, server side).
///
/// Bytes may arrive in pieces of any size: the result does not depend on the split, and the work is linear. The parser
/// stops at the end of each request. The caller then decides whether another request follows or, after an upgrade,
/// another protocol. An idle parser allocates no memory.
package struct HTTPRequestParser: Sendable {
    /// The progress of the current request. The owner's timeouts depend on it.
    package enum Stage: Sendable, Equatable {
        /// No byte of the next request has arrived, except for empty lines before it.
        case idle
        /// A part of the head has arrived.
        case head
        /// The head is complete, and the body is not.
        case body
    }

    private struct PendingBody {
        let head: HTTPRequestHead
        var reader: HTTPBodyReader
    }

    /// The error and head of a refused request. It is an object, so that a parser without a refusal stores only a
    /// pointer.
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

    /// True if the client waits for `HTTP/1.1 100 Continue` before it sends the body (RFC 9110, section 10.1.1).
    ///
    /// The call of `parse` that completes the head sets it, unless a part of the body has already arrived. The next
    /// call clears it, so an owner that checks it after each call answers once.
    package private(set) var expectsContinue = false

    /// - Parameter limits: the sizes above which requests are refused.
    package init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// The progress of the current request; idle after an error.
    package var stage: Stage {
        if pendingBody != nil { return .body }
        return headParser.isEmpty ? .idle : .head
    }

    /// The head of the request whose body is arriving.
    var headAwaitingBody: HTTPRequestHead? { pendingBody?.head }

    /// The head of the refused request, as far as it was complete.
    var refusedHead: HTTPRequestHead? { refusal?.head }

    /// True if no byte of the next request has arrived.
    package var isIdle: Bool { stage == .idle }

    /// The memory in bytes that the unfinished request takes.
    var heldBytes: Int {
        guard let pendingBody else { return headParser.heldBytes }
        return pendingBody.head.byteCount + pendingBody.reader.bytes.count
    }

    /// Parses bytes up to the end of one request.
    ///
    /// - Parameters:
    ///   - bytes: the received bytes that no earlier call has consumed.
    ///   - maxBody: returns the largest body in bytes for a head, in place of the limit in ``HTTPLimits``.
    ///   - passesOn: returns true for the head of a request that another process handles. The call then ends behind the
    ///     head.
    /// - Returns: the number of bytes consumed, and the request if it is complete. An incomplete request consumes all
    ///   bytes. After a complete one, the caller passes the remaining bytes to the next call.
    /// - Throws: the reason for refusing the request. All later calls throw the same error. The caller answers with its
    ///   status and closes the connection.
    package mutating func parse(
        _ bytes: RawSpan, maxBody: ((HTTPRequestHead) -> Int)? = nil, passesOn: ((HTTPRequestHead) -> Bool)? = nil
    ) throws(HTTPParserError) -> (consumed: Int, request: HTTPRequest?) {
        if let refusal { throw refusal.error }
        expectsContinue = false
        do throws(HTTPParserError) {
            return try advance(bytes, maxBody, passesOn)
        } catch {
            refusal = refusal ?? Refusal(error, head: pendingBody?.head ?? headParser.unfinishedHead)
            headParser = HTTPHeadParser()
            pendingBody = nil
            throw error
        }
    }

    private mutating func advance(
        _ bytes: RawSpan, _ maxBody: ((HTTPRequestHead) -> Int)?, _ passesOn: ((HTTPRequestHead) -> Bool)?
    ) throws(HTTPParserError) -> (consumed: Int, request: HTTPRequest?) {
        var headBytes = 0
        if pendingBody == nil {
            let (consumed, head) = try headParser.consume(bytes, limits: limits)
            guard let head else { return (consumed, nil) }
            headParser = HTTPHeadParser()
            let reader = try bodyReader(for: head, maxBody)
            if let passesOn, passesOn(head) { return (consumed, nil) }
            guard let reader else { return (consumed, HTTPRequest(head: head, body: [])) }
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

    /// Returns nil if the request has no body.
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
        // Mutate in place: a copy would share the body's array, and each append would copy it.
        guard let (consumed, isComplete) = try pendingBody?.reader.consume(rest) else { return (headBytes, nil) }
        guard isComplete, let body = pendingBody else { return (headBytes + consumed, nil) }
        pendingBody = nil
        return (headBytes + consumed, HTTPRequest(head: body.head, body: body.reader.bytes))
    }
}

extension HTTPRequestHead {
    /// Checks `Host`: exactly one in HTTP/1.1, at most one in HTTP/1.0 (RFC 9112, section 3.2).
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
