import Testing

@testable import Cluster

@Suite("Readiness of a server")
struct ReadinessStateTests {
    @Test("a server is ready from the time it accepts connections until it is asked to stop")
    func phases() {
        var state = ReadinessState()
        #expect(state.readiness(storeIsUp: true) == .starting)
        #expect(state.readiness(storeIsUp: false, workersUp: 0) == .starting)
        state.hasStarted = true
        #expect(state.readiness(storeIsUp: true) == .ok)
        #expect(state.readiness(storeIsUp: true, workersUp: 1) == .ok)
        state.isStopping = true
        #expect(state.readiness(storeIsUp: false, workersUp: 0) == .draining)
    }

    @Test("a server without workers or with a store that takes no messages is not ready")
    func parts() {
        var state = ReadinessState()
        state.hasStarted = true
        #expect(state.readiness(storeIsUp: false) == .store)
        #expect(state.readiness(storeIsUp: false, workersUp: 1) == .store)
        #expect(state.readiness(storeIsUp: false, workersUp: 0) == .workers)
    }

    @Test("a server that is asked to stop while it starts drains")
    func stopsEarly() {
        var state = ReadinessState()
        state.isStopping = true
        #expect(state.readiness(storeIsUp: true) == .draining)
    }
}
