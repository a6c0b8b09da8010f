import Synchronization
import Transport

/// Asks an HTTP service of your own who a client is, for `ConnectionHandling.identify`.
///
/// For each connecting client the service gets a POST with a JSON object: the `token` of the client's `auth`, the rest
/// of its `auth`, its `address`, the `namespace`, and the `headers` of the request that opened the connection, with
/// their names in lower case and with the cookies. It answers with 200 and `{"id": …, "name": …, "rooms": […],
/// "expires": …, "actions": […], "cache": …}`, of which only `id` is needed, or with 401 or 403 and `{"message": …,
/// "data": …}` for the client. `expires` is in seconds since 1970. `cache` is a number of seconds, at most 3600, for
/// which the same client is not asked for again; a refusal is remembered for at most 5 seconds.
///
/// Without a usable answer in time a client does not enter, and its connection is closed so that it comes back
/// (``IdentityUnavailable``). If the failure is known at once, each client is kept for a random part of the timeout, so
/// that clients come back at different times and not each second.
///
/// There is no TLS: the service is on the same machine, in a trusted network or behind a proxy on the same machine.
public final class HTTPIdentityProvider: Sendable {
    /// A text that is no URL of a service.
    public struct InvalidURL: Error, Sendable, CustomStringConvertible {
        /// What is wrong. It does not repeat the URL, which may have a password.
        public var description: String {
            "not http://[USER:PASSWORD@]HOST[:PORT][/PATH] or unix:PATH[:/PATH]; there is no TLS"
        }
    }

    private let endpoint: HTTPEndpoint
    private let timeout: Duration
    private let maxRooms: Int
    private let limits: IdentityFlights.Limits
    private let report: @Sendable (HTTPIdentityFailure) -> Void
    /// One for each loop of a running server.
    private let endpoints = Mutex<[IdentityEndpoint]>([])

    /// Creates a provider. Servers on several loops may share it.
    /// - Parameters:
    ///   - url: `http://[USER:PASSWORD@]HOST[:PORT][/PATH]`, or `unix:PATH[:/PATH]` for a Unix domain socket. The user
    ///     and the password are sent as basic authorization.
    ///   - timeout: the longest time from the client's CONNECT to the end of the answer.
    ///   - maxRequests: the largest number of requests at a time on each loop. Further ones wait, up to 8192.
    ///   - maxRooms: the largest number of rooms of an answer. One with more is not usable.
    ///   - report: called on the loop for each client that does not enter because there is no usable answer.
    /// - Throws: ``InvalidURL`` for any other URL.
    public init(
        url: String, timeout: Duration = .seconds(5), maxRequests: Int = 32, maxRooms: Int = 100,
        report: @escaping @Sendable (HTTPIdentityFailure) -> Void = { _ in }
    ) throws(InvalidURL) {
        guard let endpoint = HTTPEndpoint(url: url) else { throw InvalidURL() }
        self.endpoint = endpoint
        self.timeout = timeout
        self.maxRooms = maxRooms
        limits = IdentityFlights.Limits(inFlight: max(1, maxRequests))
        self.report = report
    }

    /// The identity of a connecting client. Called by the asynchronous function of `identify`, with its handshake.
    /// - Throws: ``IdentityUnavailable`` without a usable answer; else the ``ConnectError`` for the client, which after
    ///   `expires` has the message `unauthorized` and the data `{"reason": "expired"}`.
    public func identity(of handshake: Handshake) async throws -> ClientIdentity {
        guard let attempt = handshake.attempt else { throw unavailable(.noServer) }
        let question = IdentityQuestion(handshake, namespace: attempt.namespace)
        switch await endpoint(on: attempt.loop).ask(question) {
        case .identity(let identity):
            guard let expires = identity.expires, expires <= attempt.loop.machine.wallClock else { return identity }
            throw TokenError.expired.connectError
        case .refused(let error): throw error
        case .unavailable(let failure): throw unavailable(failure)
        }
    }

    private func unavailable(_ failure: HTTPIdentityFailure) -> IdentityUnavailable {
        report(failure)
        return IdentityUnavailable()
    }

    private func endpoint(on loop: EventLoop) -> IdentityEndpoint {
        endpoints.withLock { endpoints in
            if let known = endpoints.first(where: { $0.loop === loop }) { return known }
            let new = IdentityEndpoint(
                endpoint, timeout: timeout, maxRooms: maxRooms, limits: limits, on: loop)
            endpoints.removeAll { $0.loop.hasEnded }
            endpoints.append(new)
            return new
        }
    }

    /// The addresses to which this process would connect. Looking up a name may block the thread.
    package func resolve() throws -> [SocketAddress] {
        try endpoint.resolve()
    }
}
