import Actors

/// Decides whether a server, or one of its workers, may take traffic.
struct ReadinessState {
    /// True once it accepts connections; with several workers, once each of them has.
    var hasStarted = false
    /// True once it was asked to stop.
    var isStopping = false

    /// - Parameters:
    ///   - storeIsUp: true if the store takes messages.
    ///   - workersUp: the number of workers that accept connections; nil if this process accepts them itself.
    func readiness(storeIsUp: Bool, workersUp: Int? = nil) -> ServerReadiness {
        if isStopping { return .draining }
        if !hasStarted { return .starting }
        if workersUp == 0 { return .workers }
        return storeIsUp ? .ok : .store
    }
}
