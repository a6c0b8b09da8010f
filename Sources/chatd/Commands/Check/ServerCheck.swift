import ChatApplication
import Cluster
import Persistence
import Transport

/// Checks what a start needs, and changes nothing: the database, the addresses, the backplane and the files.
struct ServerCheck {
    /// How long the backplane may take to accept a connection.
    private static let backplaneTimeout = Duration.seconds(10)
    /// How long an address of the service of `--auth` may take to accept a connection.
    private static let serviceTimeout = Duration.seconds(5)

    private let check: CheckOptions
    private var serve: ServeOptions { check.options.serve }
    private(set) var report = CheckReport()

    init(_ check: CheckOptions) {
        self.check = check
    }

    /// Checks everything whose options are valid. Blocks the calling thread.
    mutating func run() async {
        for mistake in check.mistakes { report.mistake(mistake) }
        for warning in serve.warnings { report.note(warning) }
        for note in CheckNotes.lines(about: serve, check.values) { report.note(note) }
        if isValid("db") { checkDatabase() }
        if isValid("db", "bans", "admin-socket") { checkBans() }
        checkAddresses()
        checkOwnConflicts()
        if isValid("backplane", "db") { await checkBackplane() }
        if isValid("auth", "auth-timeout") { checkIdentityService() }
        if isValid("client-bundle", "web-root") { checkPages() }
    }

    private func isValid(_ names: String...) -> Bool {
        check.wrong.isDisjoint(with: names)
    }

    private mutating func checkDatabase() {
        let found =
            switch serve.database {
            case .sqlite(let path): DatabaseCheck(sqlite: path)
            case .postgres(let url): DatabaseCheck(postgres: url)
            }
        for note in found.notes { report.note(note) }
        for problem in found.problems { report.fail("db: \(problem)") }
    }

    private mutating func checkBans() {
        do throws(BanFile.Unreadable) {
            for warning in try serve.readBans() { report.note(warning) }
        } catch {
            report.fail("bans: \(error)")
        }
    }

    private mutating func checkBackplane() async {
        guard serve.backplane != nil else { return }
        let text = check.values.text("backplane")
        let url = if text == "postgres", case .postgres(let url) = serve.database { url } else { text }
        do {
            let emitter = try Emitter(url, timeout: Self.backplaneTimeout)
            defer { Task { await emitter.close() } }
            try await emitter.connect()
        } catch {
            report.fail("backplane: \(Secrets.masked("\(error)"))")
        }
    }

    /// A start does not need the service, but the clients do.
    private mutating func checkIdentityService() {
        guard case .endpoint(let provider) = serve.authentication else { return }
        let problem: String?
        do {
            problem = ReachCheck.problem(with: try provider.resolve(), timeout: Self.serviceTimeout)
        } catch {
            problem = "\(error)"
        }
        guard let problem else { return }
        report.note("the service of --auth does not accept connections: \(problem); no client could enter")
    }

    private mutating func checkPages() {
        do {
            _ = try Pages(clientBundle: serve.clientBundle, webRoot: serve.webRoot)
        } catch {
            report.fail("\(error.option): \(error)")
        }
    }

    // MARK: Addresses

    private mutating func checkAddresses() {
        var taken: [(owner: SocketOwner?, addresses: [String])] = []
        for slot in 0..<slots {
            for (name, result) in addresses(ofWorker: slot) {
                switch result {
                case .free(let missing):
                    if slot == 0 { for address in missing { report.note("this machine has no address \(address)") } }
                case .unusable(let reason): report.fail("\(name): \(reason)")
                case .inUse(let owner):
                    if let index = taken.firstIndex(where: { $0.owner == owner }) {
                        taken[index].addresses.append(name)
                    } else {
                        taken.append((owner, [name]))
                    }
                }
            }
        }
        for (owner, addresses) in taken { report(addresses, takenBy: owner) }
    }

    /// The number of workers with addresses of their own.
    private var slots: Int {
        let sharesPort =
            check.command == .serve || check.options.ports == .shared || !isValid("workers") || !isValid("ports")
        return sharesPort ? 1 : check.options.workers
    }

    private mutating func addresses(ofWorker slot: Int) -> [(name: String, AddressCheck.Result)] {
        var results: [(name: String, AddressCheck.Result)] = []
        if let host = serve.host, isValid("host", "port") {
            let port = serve.port == 0 ? 0 : serve.port + UInt16(slot)
            results.append(("port \(port)", AddressCheck.port(port, ofHost: host)))
        }
        // The options have been checked for the last worker, whose paths are the longest.
        for address in serve.unixSockets.compactMap({ try? $0.ofWorker(slot) }) where isValid("listen") {
            results.append((address.url, AddressCheck.unixSocket(address)))
        }
        return slot == 0 ? results + operatorAddresses() : results
    }

    /// The addresses for the operator. A start fails only because of those that an option names.
    private mutating func operatorAddresses() -> [(name: String, AddressCheck.Result)] {
        var results: [(name: String, AddressCheck.Result)] = []
        if let admin = serve.admin, isValid("admin-port", "admin-host") {
            results.append(("admin-port \(admin.port)", AddressCheck.port(admin.port, ofHost: admin.host)))
        }
        guard let place = serve.adminSocket, isValid("admin-socket", "db") else { return results }
        switch place.address {
        case .failure(let error): report.note("admin-socket: \(error); chatd admin will not work")
        case .success(let address):
            let result = AddressCheck.unixSocket(address)
            switch result {
            case .unusable(let reason) where !place.isRequired:
                report.note("admin-socket: \(reason); chatd admin will not work")
            case .inUse(let owner) where !place.isRequired && owner?.isChatd != true:
                report.note("admin-socket \(address.url) is in use by another program; chatd admin will not work")
            default: results.append(("admin-socket \(address.url)", result))
            }
        }
        return results
    }

    /// Two options cannot have the same address.
    private mutating func checkOwnConflicts() {
        if let host = serve.host, let admin = serve.admin, isValid("host", "port", "admin-host", "admin-port") {
            let ports = (0..<slots).map { Int(serve.port) + (serve.port == 0 ? 0 : $0) }
            for port in ports.compactMap(UInt16.init(exactly:))
            where AddressCheck.overlap((host, port), (admin.host, admin.port)) {
                report.fail("admin-port \(port): the clients have this port; choose another --admin-port or --port")
            }
        }
        guard isValid("listen", "admin-socket", "db"), case .success(let address)? = serve.adminSocket?.address else {
            return
        }
        for slot in 0..<slots where serve.unixSockets.contains(where: { (try? $0.ofWorker(slot)) == address }) {
            report.fail("admin-socket \(address.url): the clients have this socket; choose another --admin-socket")
        }
    }

    /// What a running chatd has taken is free when it has ended, so this check may precede its restart.
    private mutating func report(_ addresses: [String], takenBy owner: SocketOwner?) {
        let more = addresses.count > 1 ? " and \(addresses.count - 1) more" : ""
        let text = "\(addresses[0])\(more)"
        guard let owner else { return report.fail("\(text): in use by a process that this user may not see") }
        guard owner.isChatd else { return report.fail("\(text): in use by \(owner)") }
        report.note("a running chatd (process \(owner.process)) has \(text): another one can start when it has ended")
    }
}
