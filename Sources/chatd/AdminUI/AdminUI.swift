import Actors
import ChatApplication
import Transport

/// The official dashboard (Socket.IO Admin UI) of one worker: the namespace that it connects to, and what it is shown
/// of all workers.
///
/// While no dashboard is connected anywhere, a client costs a few comparisons more. A worker with dashboards asks the
/// others for their numbers every ``interval``, and they tell it their changes for as long as it asks.
actor AdminUI {
    static let namespace = "/admin"
    /// The event between workers.
    static let event = "chatd admin-ui"
    /// The time between two reports of each worker.
    static let interval = Duration.seconds(2)
    /// How long a worker tells its changes to one that does not ask any more.
    static let lease = Duration.seconds(7)
    /// How long changes are gathered for the dashboards.
    static let gatheringTime = Duration.milliseconds(100)
    /// The most changes that are gathered. Above that the dashboards get a new list instead.
    static let maxGathered = 1000
    /// The most changes that a dashboard's list may keep waiting.
    static let maxHeld = 500
    /// The most bytes of changes that are gathered or kept waiting, also for a large `--max-pending`.
    static let maxChangeBytes = 512 << 10

    /// A connected dashboard.
    struct Dashboard {
        let socket: Socket
        /// The changes since its list was begun; nil if it has the list.
        var held: ShownChanges?
        /// True if what it shows is not complete, so that it needs a new list.
        var isStale = false
    }

    nonisolated let loop: EventLoop
    nonisolated let server: SocketServer
    nonisolated let options: AdminUIOptions
    nonisolated let moderation: Moderation?
    nonisolated let sessions: AdminUISessions
    nonisolated let passwords: PasswordCheck
    var limit = LoginLimit()
    var dashboards: [SessionID: Dashboard] = [:]
    /// What each worker told last, by its id.
    var totals: [String: ServerTotals] = [:]
    var isAsking = false
    /// Until then another worker has dashboards.
    private var watchedUntil: ContinuousClock.Instant?
    private var gathered: ShownChanges
    private var gatheringTimer: LoopBound<EventLoop.TimerToken>?
    private var tickTimer: LoopBound<EventLoop.TimerToken>?
    private nonisolated let startedAt: ContinuousClock.Instant

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Opens the namespace of the dashboards. Comes after everything else that handles clients.
    /// - Parameter moderation: the bans, which hold for dashboards too; nil if there are none.
    static func install(
        on server: SocketServer, _ options: AdminUIOptions, _ moderation: Moderation?, _ loop: EventLoop
    ) {
        let dashboard = AdminUI(server, options, moderation, loop)
        dashboard.installLogin()
        dashboard.installWrites()
        for name in ["/", namespace] { dashboard.watch(server.of(name)) }
        server.of("/").onServerSide(event) { (arguments: Arguments) async throws -> Arguments in
            await dashboard.answer(arguments)
        }
    }

    /// The server's handlers retain this object, and release it when the server closes.
    private init(
        _ server: SocketServer, _ options: AdminUIOptions, _ moderation: Moderation?, _ loop: EventLoop
    ) {
        self.server = server
        self.options = options
        self.moderation = moderation
        self.loop = loop
        sessions = AdminUISessions(key: options.key, account: options.account)
        passwords = PasswordCheck(options.account)
        startedAt = loop.now
        gathered = ShownChanges(maxCount: Self.maxGathered, maxBytes: Self.changeBytes(server))
    }

    nonisolated var uptime: Duration { loop.now - startedAt }

    /// The time since 1970.
    nonisolated var wallClock: Duration { loop.machine.wallClock }

    /// True if a dashboard is connected to this worker or to another one.
    var isWatched: Bool {
        !dashboards.isEmpty || watchedUntil.map { loop.now < $0 } ?? false
    }

    // MARK: Changes

    /// True if changes are gathered. While there are too many, further ones need not be made.
    var gathers: Bool { isWatched && gathered.events != nil }

    /// Gathers a change of this worker for all dashboards.
    func changed(_ event: ShownEvent) {
        gathered.add(event)
        guard gatheringTimer == nil else { return }
        let timer = loop.startTimer(
            after: Self.gatheringTime,
            DashboardTimer { [weak self] in
                self?.assumeIsolated { $0.gatheringEnded() }
            })
        gatheringTimer = LoopBound(timer, to: loop)
    }

    private func gatheringEnded() {
        gatheringTimer = nil
        passOn()
    }

    /// Shows the gathered changes to the dashboards of all workers.
    func passOn() {
        let changes = gathered.take()
        guard changes?.isEmpty != true else { return }
        show(changes)
        if let watchedUntil, loop.now < watchedUntil { tell(.changes(changes)) }
    }

    /// Sends a message to the other workers.
    func tell(_ message: AdminUIMessage) {
        server.of("/").serverSideEmit(Self.event, [.json(message.json)])
    }

    /// Sends changes to the dashboards of this worker.
    /// - Parameter changes: nil if there were too many.
    private func show(_ changes: [ShownEvent]?) {
        var current: [SessionID] = []
        for id in dashboards.keys {
            guard let changes, !isBehind(id) else {
                dashboards[id]?.isStale = true
                continue
            }
            if dashboards[id]?.held == nil {
                current.append(id)
            } else {
                for change in changes { dashboards[id]?.held?.add(change) }
            }
        }
        guard let changes, !current.isEmpty else { return }
        for change in changes { send(change, to: current) }
    }

    /// True if so much output waits for a dashboard that it gets no changes, and a new list when it has read.
    func isBehind(_ id: SessionID) -> Bool {
        guard let dashboard = dashboards[id] else { return true }
        return dashboard.socket.waitingBytes > server.options.engine.maxPending / 4
    }

    /// The most bytes of changes that are gathered, or wait for a list. With the output of a dashboard that is not
    /// behind, a list, and a departure for each change, they are less than `--max-pending`.
    static func changeBytes(_ server: SocketServer) -> Int {
        min(maxChangeBytes, server.options.engine.maxPending / 16)
    }

    /// Sends an event to dashboards of this worker. It does not pass through the hub, whose log is for clients.
    func send(_ event: ShownEvent, to ids: [SessionID]) {
        server.of(Self.namespace).local.to(ids.map(\.description)).emit(
            event.name, Arguments(event.arguments.map { .json($0) }))
    }

    // MARK: Other workers

    private func answer(_ arguments: Arguments) async -> Arguments {
        guard case .json(let value)? = arguments.first else { return [] }
        // Most workers have no dashboard.
        if dashboards.isEmpty, AdminUIMessage.isChange(value) { return [] }
        guard let message = AdminUIMessage(value) else { return [] }
        switch message {
        case .list(let id):
            watchedUntil = loop.now + Self.lease
            return [.json(await page(after: id))]
        case .totals:
            watchedUntil = loop.now + Self.lease
            return [.json(await ownTotals().json)]
        case .changes(let changes): show(changes)
        case .attempt(let address): limit.note(address, at: loop.now)
        case .success(let address): limit.succeed(address)
        }
        return []
    }

    func page(after id: SessionID?) async -> JSONText {
        // Changes that the page has must not follow it: a dashboard would count a socket twice in a room.
        passOn()
        var sockets = await server.localSockets(of: "/")
        sockets += await server.localSockets(of: Self.namespace)
        return ShownPage.json(of: sockets, after: id)
    }

    func ownTotals() async -> ServerTotals {
        await ServerTotals.read(
            server, dashboards: await server.localSockets(of: Self.namespace).count, uptime: uptime)
    }

    // MARK: Time

    /// Starts the reports, if they have not started.
    func startTicks() {
        guard tickTimer == nil else { return }
        tick()
    }

    private func tick() {
        tickTimer = nil
        guard !dashboards.isEmpty else {
            totals = [:]
            return
        }
        let timer = loop.startTimer(
            after: Self.interval,
            DashboardTimer { [weak self] in
                self?.assumeIsolated { $0.tick() }
            })
        tickTimer = LoopBound(timer, to: loop)
        loop.startTask { await self.report() }
    }
}

/// Calls a function when a timer fires.
private final class DashboardTimer: TimerTarget {
    private let fire: () -> Void

    init(_ fire: @escaping () -> Void) {
        self.fire = fire
    }

    func timerFired(at now: ContinuousClock.Instant) {
        fire()
    }
}
