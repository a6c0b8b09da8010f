import Actors
import Cluster
import SimulatedMachine
import Transport

/// The parameters of a run. Sizes are small, so that runs often reach every limit.
struct Settings {
    /// The number of hosts. Several share one database and a broker.
    let hosts: Int
    /// The number of worker processes; 0 if one process serves alone.
    let workers: Int
    let database: DatabaseKind
    /// The maximum number of other programs' rows in one store report.
    let foreignRows: Int
    /// The time limit for a SQLite store to determine the outcome of an uncertain commit.
    let commitLookupTimeout: Duration
    let clients: Int
    let steps: Int
    /// True if the run has no faults. Then no connection may end except by a stop, and no message may be resent.
    let isFaultFree: Bool
    let kernel: SimulatedKernel.Limits
    let limits: Limits
    let server: ServerOptions
    let recovery: RecoveryOptions
    /// The probability in 1000 that the application disconnects a client when it could.
    let disconnectRate: Int
    /// The number of faults in 1000 steps.
    let faultRate: Int
    /// The number of signals to the server in 1000 steps.
    let signalRate: Int
    /// True if the hub's process rarely runs, so that the messages of several workers queue up.
    let isHubSlow: Bool
    /// True if SIGCHLD tells the supervisor of ended workers, as in `chatd supervise`. If false, it notices the end of
    /// their links, as in a program that calls `run`.
    var handlesChildSignals: Bool { clients.isMultiple(of: 2) }
    /// True if clients create the second namespace.
    var hasDynamicNamespace: Bool { steps.isMultiple(of: 2) }
    /// The maximum number of descriptors per process.
    let maxDescriptors: Int
    /// True if all workers accept connections on one port.
    let sharesPort: Bool
    /// The time within which a stop or a replacement of the workers sends the clients away.
    let drainTime: Duration
    /// True if the broker of several hosts keeps messages.
    let keepsMessages: Bool
    /// True if it keeps sessions too.
    let keepsSessions: Bool
    /// The number of messages that it keeps.
    let keptMessages: Int
    /// How long events wait for the broker before a host continues alone.
    let backplanePatience: Duration
    /// The delays of the application's middleware and connection handler, in milliseconds.
    let middlewareDelay: Int
    let connectionDelay: Int

    init(_ choices: inout SeededChoices, hosts: ClosedRange<Int>, isSmall: Bool) {
        self.hosts = hosts.count == 1 ? hosts.lowerBound : choices.within(hosts)
        workers = choices.chance(perMille: 300) ? 0 : choices.within(1...3)
        clients = isSmall ? choices.within(2...3) : choices.within(2...5)
        steps = isSmall ? choices.within(200...500) : choices.within(500...3000)
        var kernel = SimulatedKernel.Limits()
        kernel.sendBuffer = choices.within(200...4000)
        kernel.receiveBuffer = choices.within(200...4000)
        kernel.pipe = choices.within(200...5000)
        self.kernel = kernel
        isFaultFree = choices.chance(perMille: 150)
        maxDescriptors = !isFaultFree && workers == 0 && choices.chance(perMille: 200) ? choices.within(7...12) : 10_000
        var limits = !isFaultFree && choices.chance(perMille: 700) ? Self.smallLimits(&choices) : Limits()
        let keepAlive = Duration.seconds(isFaultFree ? 30 : choices.within(2...8))
        limits.requestBody = .seconds(choices.within(5...10))
        self.limits = limits
        let maxPending = limits.slowMark + choices.within(200...2000)
        let engine = EngineOptions(
            pingInterval: .milliseconds(choices.within(500...3000)),
            pingTimeout: .milliseconds(choices.within(500...2000)), maxPending: maxPending)
        // A client over its rate may send again what it takes for lost.
        let hasRates = !isFaultFree && steps % 5 == 2
        let sharesRates = hasRates && steps % 10 == 2
        server = ServerOptions(
            engine: engine, addressLimits: sharesRates ? AddressLimits(rateFactor: 1) : .none,
            connectTimeout: .seconds(5), answerTimeout: .seconds(choices.within(5...10)),
            keepAlive: keepAlive, maxInFlight: choices.chance(perMille: 500) ? choices.within(1...5000) : 8 << 20,
            historyRate: hasRates ? RateLimit(perSecond: 100_000 + 4000 * (steps % 97), burst: 10_000) : nil,
            removesEmptyNamespaces: steps.isMultiple(of: 4))
        recovery = RecoveryOptions(
            maxDisconnectionDuration: .milliseconds(4000), detectionTime: engine.pingInterval + engine.pingTimeout,
            maxLostSessions: 6,
            maxEvents: choices.chance(perMille: 300) ? choices.within(2...10) : 1000)
        disconnectRate = choices.chance(perMille: 250) ? 1000 : 50
        database =
            choices.chance(perMille: 650) ? .simulated : workers == 0 && choices.chance(perMille: 400) ? .memory : .file
        foreignRows = choices.within(1...3)
        commitLookupTimeout = .milliseconds(choices.within(5...80))
        middlewareDelay = choices.chance(perMille: 300) ? choices.within(1...50) : 0
        connectionDelay = choices.chance(perMille: 300) ? choices.within(1...50) : 0
        faultRate = isFaultFree ? 0 : choices.chance(perMille: 500) ? choices.within(1...8) : choices.within(8...40)
        signalRate = choices.chance(perMille: 400) ? choices.within(1...2) : 0
        isHubSlow = choices.chance(perMille: 300)
        sharesPort = workers > 0 && choices.chance(perMille: 500)
        drainTime = choices.chance(perMille: 500) ? .zero : .milliseconds(choices.within(1...2000))
        backplanePatience =
            self.hosts == 1 || isFaultFree ? .seconds(2) : .milliseconds(choices.within(100...2000))
        keepsMessages = self.hosts > 1 && steps % 10 > 6
        keepsSessions = self.hosts > 1 && steps % 10 > 7
        keptMessages = isFaultFree || !steps.isMultiple(of: 3) ? 100_000 : 3 + steps % 40
    }

    /// Makes limits small enough for a run to exceed each of them.
    private static func smallLimits(_ choices: inout SeededChoices) -> Limits {
        var limits = Limits()
        limits.read = choices.within(100...4000)
        limits.lowWater = choices.within(100...1000)
        limits.slowMark = limits.lowWater + choices.within(100...1500)
        limits.eagerWrite = choices.within(200...2000)
        limits.pipe = choices.within(200...5000)
        limits.joinedPipeWrite = choices.within(100...1000)
        limits.requestBacklog = choices.within(500...2000)
        limits.piece = choices.within(50...500)
        limits.recentMessages = choices.within(0...1500)
        limits.pageMessages = choices.within(1...4)
        limits.page = choices.within(20...200)
        limits.openReads = choices.within(1...2)
        limits.outbox = choices.within(500...3000)
        limits.openClaims = choices.within(1...2)
        limits.waitingEvents = choices.within(2...6)
        limits.waitingEventBytes = choices.within(200...2000)
        limits.heldActions = choices.within(2...8)
        limits.heldActionBytes = choices.within(500...3000)
        limits.frame = choices.within(50...1000)
        limits.linkQueue = choices.within(20_000...60_000)
        limits.congestedLink = choices.within(100...2000)
        limits.groupMessages = choices.within(1...4)
        limits.answerPackets = choices.within(2...16)
        limits.answer = choices.within(50...1000)
        limits.claimAnswers = choices.within(1...5000)
        limits.openFetches = choices.within(1...2)
        limits.fetchAnswer = choices.within(100...600)
        limits.openInquiries = choices.within(1...2)
        limits.inquiryAnswers = choices.within(100...600)
        limits.earlyPackets = choices.within(1...4)
        limits.earlyPacketBytes = choices.within(100...1000)
        limits.minimumProgress = choices.within(100...4000)
        limits.linger = .milliseconds(choices.within(200...5000))
        limits.pastStays = choices.within(1...4)
        return limits
    }
}
