import Transport

/// Turns the reports of a server's process into messages to the service manager.
struct ServiceState {
    /// The most addresses in the status.
    private static let maxListed = 4

    private enum Phase {
        case starting, ready, stopping
    }

    private var phase = Phase.starting
    private var addresses: [SocketAddress] = []
    /// The number of worker processes; nil for a server in one process.
    private var workers: Int?
    /// The slots whose worker accepts connections.
    private var servingSlots: Set<Int> = []
    /// The slots whose earlier process, which is replaced, has not ended.
    private var replacedSlots: Set<Int> = []
    private var lastStatus = ""

    /// - Parameter monotonicTime: the time of `CLOCK_MONOTONIC`.
    mutating func received(_ report: ProcessReport, at monotonicTime: Duration) -> [ServiceNotification] {
        guard phase != .stopping else { return [] }
        switch report {
        case .serving(let address):
            addresses.append(address)
        case .ready(let workers):
            self.workers = workers
            phase = .ready
            return [ready()]
        case .startFailed(let error):
            return [.status("cannot start: \(error)")]
        case .supervisor(.serving(let slot)):
            servingSlots.insert(slot)
            return changedStatus()
        case .supervisor(.replaced(let slot)):
            replacedSlots.insert(slot)
        case .supervisor(.ended(let slot, _, _, _)):
            if replacedSlots.remove(slot) == nil { servingSlots.remove(slot) }
            return changedStatus()
        case .supervisor(.replacing):
            return [reloadBegan(at: monotonicTime)]
        case .supervisor(.replacementFinished), .supervisor(.replacementAbandoned):
            return [reloadEnded()]
        case .stopping:
            phase = .stopping
            return [.stopping]
        default: break
        }
        return []
    }

    /// The message at the beginning of a reload. Until ``reloadEnded()``, the service manager waits.
    private func reloadBegan(at monotonicTime: Duration) -> ServiceNotification {
        .reloading(monotonicTime: monotonicTime)
    }

    /// The message at the end of a reload.
    private mutating func reloadEnded() -> ServiceNotification {
        ready()
    }

    private mutating func ready() -> ServiceNotification {
        lastStatus = status
        return .ready(status: lastStatus)
    }

    private mutating func changedStatus() -> [ServiceNotification] {
        guard phase == .ready, status != lastStatus else { return [] }
        lastStatus = status
        return [.status(lastStatus)]
    }

    private var status: String {
        let listed = addresses.prefix(Self.maxListed).map(\.url).joined(separator: ", ")
        let more = addresses.count > Self.maxListed ? " and \(addresses.count - Self.maxListed) more" : ""
        return "\(subject) on \(listed)\(more)"
    }

    private var subject: String {
        guard let workers else { return "accepts connections" }
        if servingSlots.count < workers { return "\(servingSlots.count) of \(workers) workers accept connections" }
        return workers == 1 ? "1 worker accepts connections" : "\(workers) workers accept connections"
    }
}
