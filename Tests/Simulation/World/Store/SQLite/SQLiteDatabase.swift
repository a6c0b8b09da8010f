import CStoreFaults
import Glibc
import Persistence
import SimulatedMachine

/// A SQLite database, in memory or in a file that is deleted after the run. After each step that may commit, the
/// committed rows are read and copied to the world's disk.
final class SQLiteDatabase: Database {
    private unowned let world: World
    /// The directory of the file; nil for an in-memory database.
    private let directory: String?
    private let path: String
    /// The connection of another program.
    private var foreign: RawConnection?
    private var isForeignWriting = false
    /// The connection that reads for the checks. It is closed when a server ends, because the first connection opened
    /// after a crash recovers the database, and the next server's connection must do that.
    private var observer: RawConnection?
    /// The epoch number of the latest recorded start.
    private(set) var newestStart: Int64 = 0
    /// The rows that servers have added since ``clearAdded()``.
    private(set) var added: [Disk.Row] = []

    /// - Parameter isInMemory: true for a database that ends with its process.
    init(in world: World, isInMemory: Bool) {
        self.world = world
        directory = isInMemory ? nil : Self.makeDirectory()
        path = directory.map { "\($0)/chat.db" } ?? SQLiteStore.memoryPath
        world.record.hiddenText = directory
    }

    /// Makes a temporary directory, on a memory file system if possible.
    private static func makeDirectory() -> String {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/chatd-simulation-XXXXXX".utf8CString)
        let isMade = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
        precondition(isMade, "cannot create a directory for the database")
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var survivesRestart: Bool { directory != nil }

    // MARK: Opening

    func open(epoch: String, number: Int) throws -> (store: any MessageStore, client: any DatabaseClient) {
        endForeignTransaction()
        let client = SQLiteClient(self, in: world)
        let store = try SQLiteStore(path: path, epoch: epoch, options: options(client))
        client.start = store.opening.epochNumber
        client.close = { await store.close() }
        if let handle = client.writingHandle, !survivesRestart { observer = RawConnection(borrowing: handle) }
        world.record.note(survivesRestart ? .fileOpened : .memoryOpened)
        let known = world.disk.rows.count
        readCommitted()
        if world.disk.rows.count > known { world.record.note(.lostCommitRecovered) }
        return (CheckedStore(store, in: world), client)
    }

    func openReader() throws -> (history: any History, client: any DatabaseClient) {
        let client = SQLiteClient(self, in: world)
        let reader = try SQLiteReader(path: path, options: options(client))
        client.close = { await reader.close() }
        return (CheckedHistory(reader, in: world), client)
    }

    private func options(_ client: SQLiteClient) -> SQLiteStore.Options {
        var options = SQLiteStore.Options()
        options.busyTimeout = .zero
        options.foreignLimit = PageLimit(messages: world.settings.foreignRows, bytes: 1000)
        // An in-memory database is lost with its process, so an uncertain commit must not make the process exit.
        options.uncertainCommitPatience = survivesRestart ? world.settings.commitLookupTimeout : .seconds(30)
        options.wallClock = { [unowned world] in 1 + Int64(world.milliseconds) }
        options.machine = client
        return options
    }

    /// Called when a server's process has ended.
    func serverEnded() {
        observer = nil
        if !isForeignWriting { foreign = nil }
    }

    // MARK: Committed rows

    private func openObserver() -> RawConnection? {
        if observer == nil, survivesRestart { observer = RawConnection(path: path) }
        return observer?.isOpen == true ? observer : nil
    }

    /// Copies newly committed rows to the world's disk.
    func readCommitted() {
        guard let connection = openObserver() else { return }
        newestStart = connection.integer("SELECT max(number) FROM chatd_epochs")
        let rows = connection.rows(after: world.disk.rows.last?.id ?? 0)
        guard let last = rows.last else { return }
        world.disk.commit(rows, lastID: last.id, by: 0)
        world.disk.makeVisible()
        for row in rows where row.key?.contains(0) == true { world.record.note(.derivedKeyStored) }
        added += rows.filter { !$0.content.starts(with: Self.foreignText) }
    }

    func clearAdded() {
        added = []
    }

    func check() {
        readCommitted()
        guard let connection = openObserver() else { return }
        world.record.require(
            connection.rows(after: 0) == world.disk.rows, .storeReportsAreTrue,
            "stored rows have changed or appeared out of order")
    }

    // MARK: Other programs

    private static let foreignText = Array("foreign ".utf8)

    func writeForeignRows(_ count: Int, isShort: Bool) {
        guard survivesRestart, !isForeignWriting, newestStart > 0 else { return }
        if foreign == nil { foreign = RawConnection(path: path) }
        guard let foreign, foreign.execute("BEGIN IMMEDIATE") else { return }
        isForeignWriting = true
        world.record.note(.foreignRow)
        for _ in 0..<count {
            let number = world.nextNumber()
            let gap = world.nextGap()
            let id = gap == 1 ? "NULL" : "(SELECT coalesce(max(id), 0) + \(gap) FROM messages)"
            let offset = world.kernel.choices.chance(perMille: 300) ? "'foreign-\(number)'" : "NULL"
            foreign.execute(
                "INSERT INTO messages (id, client_offset, content) VALUES (\(id), \(offset), 'foreign \(number)')")
        }
        if isShort { endForeignTransaction() }
    }

    func endForeignTransaction() {
        guard isForeignWriting, let foreign else { return }
        foreign.execute("COMMIT")
        isForeignWriting = false
        readCommitted()
        world.record.trace("another program has committed rows up to \(world.disk.rows.last?.id ?? 0)")
    }

    func recordForeignStart(epoch: String) {
        endForeignTransaction()
        openObserver()?.execute("INSERT INTO chatd_epochs (epoch, started_at, highest_id) VALUES ('\(epoch)', 0, NULL)")
        readCommitted()
    }

    func refusesSecondStart() -> Bool {
        let client = SQLiteClient(self, in: world)
        // The client must outlive the connection.
        defer { withExtendedLifetime(client) {} }
        do {
            _ = try SQLiteStore(path: path, epoch: "second", options: options(client))
            return false
        } catch StoreError.lockedByAnotherWriter {
            return true
        } catch {
            return false
        }
    }

    func removeLock() {
        unlink(path + ".lock")
    }

    // MARK: The end

    func remove() {
        (foreign, observer) = (nil, nil)
        guard let directory else { return }
        for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(path + suffix) }
        rmdir(directory)
    }
}
