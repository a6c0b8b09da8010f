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
    /// The process in each slot that accepts connections, by slot.
    private var serving: [Int: Int32] = [:]
    /// True between the messages at the beginning and at the end of a reload.
    private var isReloading = false
    /// The reason why the last reload failed; empty if it did not.
    private var failure = ""
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
        case .supervisor(.serving(let slot, let pid)):
            serving[slot] = pid
            return changedStatus()
        case .supervisor(.ended(let slot, let pid, _, _)):
            if serving[slot] == pid { serving[slot] = nil }
            return changedStatus()
        case .supervisor(.replacing):
            failure = ""
            return reloadBegan(at: monotonicTime)
        case .supervisor(.replacementAbandoned(let slot, let reason, _)):
            failure = "; the last reload failed: the new process of worker \(slot) \(reason)"
            return reloadEnded()
        case .supervisor(.replacementFinished):
            return reloadEnded()
        case .stopping:
            phase = .stopping
            return [.stopping]
        default: break
        }
        return []
    }

    /// Until ``reloadEnded()``, the service manager waits. During the start it waits anyway, and a message about a
    /// reload would end that.
    private mutating func reloadBegan(at monotonicTime: Duration) -> [ServiceNotification] {
        guard phase == .ready else { return [] }
        isReloading = true
        return [.reloading(monotonicTime: monotonicTime)]
    }

    private mutating func reloadEnded() -> [ServiceNotification] {
        guard isReloading else { return changedStatus() }
        isReloading = false
        return [ready()]
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
        return "\(subject) on \(listed)\(more)\(failure)"
    }

    private var subject: String {
        guard let workers else { return "accepts connections" }
        if serving.count < workers { return "\(serving.count) of \(workers) workers accept connections" }
        return workers == 1 ? "1 worker accepts connections" : "\(workers) workers accept connections"
    }
}
