/// A client that a server kept out of a namespace.
public struct RefusedClient: Sendable {
    /// The reason for a refusal. The raw value is the label in the metric `chatd_refusals_total`.
    public enum Reason: String, Sendable, CaseIterable {
        /// The function of `identify` refused the client, for example because of its token.
        case identity
        /// The function of `identify` could not find out who the client is (``IdentityUnavailable``), or has failed.
        case identityUnavailable = "identity_unavailable"
        /// The operator has banned the client.
        case ban
        /// A function of `use` refused the client, or has failed.
        case middleware
        /// There is no such namespace, or its parent does not allow it.
        case namespace
        /// The namespace would be one too many (``ServerOptions/maxChildNamespaces``).
        case tooManyNamespaces = "namespaces"
        /// The `auth` of the client is larger than ``ServerOptions/maxAuth``.
        case authSize = "auth_size"
    }

    /// The reason.
    public let reason: Reason
    /// What is wrong with the client's token; nil if the refusal is not about a token.
    public let tokenError: TokenError?
    /// The name of the namespace. The client may have made it up.
    public let namespace: String
    /// The address of the client; empty for a Unix domain socket.
    public let address: String
}

extension RefusedClient: CustomStringConvertible {
    /// One line for the operator. The name of the namespace is cut and escaped.
    public var description: String {
        text(namespace: String(decoding: namespace.utf8.prefix(Self.shownName), as: UTF8.self).debugDescription)
    }

    /// The most bytes of a namespace's name in a line.
    static let shownName = 100

    /// One line for the operator. It repeats neither the token nor a text from an error, which may have parts of it.
    /// - Parameter namespace: the name of the namespace in the line.
    package func text(namespace: String) -> String {
        let origin = address.isEmpty ? "a Unix domain socket" : address
        return "refused a client from \(origin) in \(namespace): \(explanation)"
    }

    private var explanation: String {
        switch reason {
        case .identity: tokenError.map { "\($0)" } ?? "it was not identified"
        case .identityUnavailable: "it is unknown who the client is"
        case .ban: "it is banned"
        case .middleware: "the middleware refused it"
        case .namespace: "it may not enter this namespace"
        case .tooManyNamespaces: "there are too many namespaces"
        case .authSize: "its auth is too large"
        }
    }
}

extension TokenError {
    /// The error that a rejection tells the client; nil if it tells another one.
    init?(toldBy error: ConnectError) {
        guard
            let told = Self.allCases.first(where: {
                $0.connectError.message == error.message
                    && $0.rawValue == error.data?["reason"]?.string
            })
        else { return nil }
        self = told
    }
}

extension Connection {
    /// Counts and reports a refusal.
    func note(_ reason: RefusedClient.Reason, of namespace: String, _ error: ConnectError) {
        worker.assumeIsolated { $0.counters.refusedClients[reason, default: 0] += 1 }
        let tokenError = reason == .identity ? TokenError(toldBy: error) : nil
        worker.report(
            .clientRefused(
                RefusedClient(
                    reason: reason, tokenError: tokenError, namespace: namespace, address: session.value.peer)))
    }
}
