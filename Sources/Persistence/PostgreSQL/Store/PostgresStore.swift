import Synchronization
import Transport

/// Chat messages in a PostgreSQL database, which several servers share. They and any other program that inserts rows
/// make one order of messages.
///
/// A trigger lets one transaction at a time insert rows, so that ids come in the order of commits. The trigger and the
/// functions that this store calls are in `schema.sql`.
public actor PostgresStore: MessageStore {
    /// How long the server may take for a group. It ends a statement by itself after 10 s.
    static let commitTimeout = Duration.seconds(15)

    public nonisolated let opening: StoreOpening
    /// The URL without its password.
    public nonisolated let name: String

    nonisolated let loop: EventLoop
    let client: PostgresClient
    nonisolated let epoch: String
    let options: Options
    /// The server at the start.
    nonisolated let server: PostgresServerIdentity
    nonisolated let limits: Mutex<EpochLimits>
    nonisolated let highestAssigned: Mutex<Int64>
    private nonisolated let reader: PostgresHistory
    nonisolated let notifier: PostgresNotifier
    private var isClosed = false
    private let isStopping = Atomic<Bool>(false)

    /// True if no more time may be spent on a database that does not answer.
    var mustNotWait: Bool { isStopping.load(ordering: .acquiring) }

    /// The highest row id that was reported, or that was present at the start.
    var watermark: Int64
    /// The number of the latest group that was sent.
    var lastGroup: Int64 = 0
    /// The time that was recorded for the rows of that group, in milliseconds since 1970.
    var lastStoredAt: Int64 = 0
    /// The lost group whose rows are being reported.
    var lostGroup: LostGroup?
    /// Why the tables cannot be used since the last check; nil if they can.
    var problem: String?
    /// The time of the next check of the tables.
    var nextCheck: ContinuousClock.Instant

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Opens a database for writing and records this start. Creates the tables if they are missing. Blocks the caller
    /// until the server has answered.
    /// - Parameters:
    ///   - url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    ///   - epoch: a random name for this start, never used before.
    /// - Throws: ``StoreError``.
    public init(url: String, epoch: String, options: Options = Options()) throws(StoreError) {
        let parsed = try Self.parse(url)
        let loop: EventLoop
        do throws(SystemError) {
            loop = try EventLoop.start(name: "store")
        } catch {
            throw .cannotOpen(path: parsed.description, reason: "\(error)")
        }
        let client = PostgresClient(parsed, applicationName: "chatd \(epoch)", on: loop)
        let startedAt = options.wallClock()
        let result = BlockingResult.wait(on: loop) { await client.openStore(epoch: epoch, startedAt: startedAt) }
        switch result {
        case .failure(let reason):
            BlockingResult.wait(on: loop) { await client.close() }
            loop.stop()
            throw .cannotOpen(path: parsed.description, reason: "\(reason)")
        case .success(let state):
            opening = state.opening
            server = state.server
            limits = Mutex(state.limits)
            highestAssigned = Mutex(state.opening.highestAssignedID)
        }
        name = parsed.description
        self.loop = loop
        self.client = client
        self.epoch = epoch
        self.options = options
        watermark = opening.highestRowID
        nextCheck = loop.now + Self.checkInterval
        reader = PostgresHistory(parsed, applicationName: "chatd \(epoch) history", on: loop)
        notifier = PostgresNotifier(parsed, applicationName: "chatd \(epoch) notifications", on: loop)
    }

    static func parse(_ url: String) throws(StoreError) -> PostgresURL {
        do throws(PostgresURLError) {
            return try PostgresURL(ofProcess: url)
        } catch {
            throw .cannotOpen(path: "the database", reason: "\(error)")
        }
    }

    deinit {
        loop.stop()
    }

    public nonisolated func rowLimit(ofEpoch epoch: String) -> Int64? {
        limits.withLock { $0.rowLimit(of: epoch) }
    }

    public nonisolated func stopWaiting() {
        isStopping.store(true, ordering: .releasing)
    }

    public func close() async {
        isClosed = true
        stopWaiting()
        await client.close()
        await reader.close()
        await notifier.close()
        loop.stop()
    }

    public nonisolated var isShared: Bool { true }

    public nonisolated var highestAssignedID: Int64 { highestAssigned.withLock { $0 } }

    public func observe(_ handler: @escaping @Sendable (StoreNotice) -> Void) async {
        let name = name
        await client.observeSessions { reason in
            handler(reason.map { .disconnected(database: name, reason: $0) } ?? .reconnected(database: name))
        }
        await notifier.listen { handler(.changed) }
    }

    public nonisolated func page(
        after id: Int64, through last: Int64, limit: PageLimit
    ) async throws(StoreError) -> HistoryPage {
        try await reader.page(after: id, through: last, limit: limit)
    }

    public nonisolated func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await reader.page(before: id, limit: limit)
    }

    public nonisolated func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        try await reader.start(ofLatest: count, through: last)
    }

    /// - Throws: ``StoreError/closed`` after ``close()``.
    func checkOpen() throws(StoreError) {
        if isClosed { throw .closed }
    }
}
