/// The addresses of a service on one loop. A name is looked up on another thread, one look-up at a time, so that a slow
/// name server takes no more than one thread.
package final class EndpointAddresses {
    /// The time after which a name is looked up again.
    private static let lifetime = Duration.seconds(30)

    private let endpoint: HTTPEndpoint
    private let loop: EventLoop
    private var known: (addresses: [SocketAddress], until: ContinuousClock.Instant)?
    private var isLookingUp = false
    private var waiting: [HTTPClientExchange] = []

    package init(of endpoint: HTTPEndpoint, on loop: EventLoop) {
        self.endpoint = endpoint
        self.loop = loop
    }

    /// Connects an exchange as soon as the addresses are known. An exchange whose time ends before fails then.
    package func connect(_ exchange: HTTPClientExchange) {
        if endpoint.isNumeric {
            finish([exchange], with: Result { () throws(SocketAddress.ResolutionError) in try endpoint.resolve() })
        } else if let known, loop.now < known.until {
            exchange.connect(to: known.addresses)
        } else {
            // While a name server hangs, exchanges that have ended give place to others.
            waiting.removeAll(where: \.hasEnded)
            waiting.append(exchange)
            lookUp()
        }
    }

    /// The service could not be reached, so its name may have got another address.
    package func forget() {
        known = nil
    }

    private func lookUp() {
        guard !isLookingUp else { return }
        isLookingUp = true
        let endpoint = endpoint
        let bound = LoopBound(self, to: loop)
        loop.startTask {
            let result = await Self.resolve(endpoint)
            bound.value.found(result)
        }
    }

    private static func resolve(
        _ endpoint: HTTPEndpoint
    ) async -> Result<[SocketAddress], SocketAddress.ResolutionError> {
        await withTaskExecutorPreference(globalConcurrentExecutor) { await resolveHere(endpoint) }
    }

    private static func resolveHere(
        _ endpoint: HTTPEndpoint
    ) async -> Result<[SocketAddress], SocketAddress.ResolutionError> {
        Result { () throws(SocketAddress.ResolutionError) in try endpoint.resolve() }
    }

    private func found(_ result: Result<[SocketAddress], SocketAddress.ResolutionError>) {
        isLookingUp = false
        if case .success(let addresses) = result { known = (addresses, loop.now + Self.lifetime) }
        let exchanges = waiting
        waiting = []
        finish(exchanges, with: result)
    }

    private func finish(
        _ exchanges: [HTTPClientExchange], with result: Result<[SocketAddress], SocketAddress.ResolutionError>
    ) {
        for exchange in exchanges {
            switch result {
            case .success(let addresses): exchange.connect(to: addresses)
            case .failure(let error): exchange.fail("\(error)")
            }
        }
    }
}
