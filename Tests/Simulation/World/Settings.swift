import Actors
import Cluster
import SimulatedMachine
import Transport

/// How large a run's cluster is. Everything is small, so that every limit is met often.
struct Settings {
    /// How many workers' processes there are; 0: one process serves.
    let workers: Int
    let clients: Int
    let steps: Int
    let kernel: SimulatedKernel.Limits
    let server: ServerOptions
    let recovery: RecoveryOptions
    /// How often, of a thousand times in which it might, the application puts a client out.
    let putOutRate: Int
    /// How many of a thousand steps are faults.
    let faultRate: Int

    init(_ choices: inout SeededChoices, isSmall: Bool) {
        workers = choices.chance(300) ? 0 : choices.within(1...3)
        clients = isSmall ? choices.within(2...3) : choices.within(2...5)
        steps = isSmall ? choices.within(200...500) : choices.within(500...3000)
        var limits = SimulatedKernel.Limits()
        limits.sendBuffer = choices.within(200...4000)
        limits.receiveBuffer = choices.within(200...4000)
        limits.pipe = choices.within(200...5000)
        kernel = limits
        let engine = EngineOptions(
            pingInterval: .milliseconds(choices.within(500...3000)),
            pingTimeout: .milliseconds(choices.within(500...2000)))
        server = ServerOptions(engine: engine, connectTimeout: .seconds(5))
        recovery = RecoveryOptions(
            maxDisconnectionDuration: .milliseconds(4000), detectionTime: .milliseconds(1000), maxLostSessions: 6,
            maxEvents: choices.chance(300) ? choices.within(2...10) : 1000)
        putOutRate = choices.chance(250) ? 1000 : 50
        faultRate = choices.chance(500) ? choices.within(1...8) : choices.within(8...40)
    }
}
