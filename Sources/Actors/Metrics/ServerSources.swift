import Synchronization

/// What the process that runs a server knows about it, beyond the server itself.
package final class ServerSources: Sendable {
    private struct State {
        var readiness: (@Sendable () -> ServerReadiness)?
        var samples: (@Sendable () async -> MetricSamples)?
        var own: (@Sendable () -> MetricSamples)?
    }

    private let state = Mutex(State())

    /// Sets what tells whether the server may take traffic. It is called on the loop, for each request.
    package func setReadiness(_ readiness: @escaping @Sendable () -> ServerReadiness) {
        state.withLock { $0.readiness = readiness }
    }

    /// Sets what returns the metrics of the whole server.
    package func setSamples(_ samples: @escaping @Sendable () async -> MetricSamples) {
        state.withLock { $0.samples = samples }
    }

    /// Sets what returns the metrics that only the application of this process has.
    package func setOwnSamples(_ samples: @escaping @Sendable () -> MetricSamples) {
        state.withLock { $0.own = samples }
    }

    /// The metrics that only the application of this process has; nil without a source.
    var ownSamples: MetricSamples? {
        (state.withLock { $0.own })?()
    }

    var readiness: ServerReadiness {
        (state.withLock { $0.readiness })?() ?? .ok
    }

    /// nil without a source.
    var samples: (@Sendable () async -> MetricSamples)? {
        state.withLock { $0.samples }
    }
}
