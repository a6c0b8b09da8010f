import Glibc
import Persistence
import SimulatedMachine
import Transport

/// Starts and stops of the server, and other programs that delay its start.
extension World {
    /// The signals: some stop the server, `chatd supervise` ignores SIGHUP, and SIGUSR1 requests the counters.
    private static let signals = [SIGTERM, SIGTERM, SIGTERM, SIGINT, SIGHUP, SIGUSR1]

    private func isStop(_ signal: CInt) -> Bool {
        signal == SIGTERM || signal == SIGINT || signal == SIGHUP && settings.workers == 0
    }

    /// Sends an operator's signal to the server's process or to its process group.
    func signalServer(of host: Host) {
        guard let primary = host.primary, let signal = kernel.choices.element(of: Self.signals) else { return }
        guard database.survivesRestart || !isStop(signal) else { return }
        if isStop(signal) {
            record.note(host.instance.isStopRequested ? .stopRequestedAgain : .stopRequested)
            host.instance.isStopRequested = true
        }
        let isForGroup = kernel.choices.chance(perMille: 300)
        record.trace("signal \(signal) to \(isForGroup ? "every process" : "the server")\(name(of: host))")
        let group = kernel.processes.filter { self.host(of: $0) === host || $0 === host.portOccupant }
        for process in isForGroup ? group : [primary] { kernel.send(signal, to: process.id) }
    }

    /// Restarts the ended server, like a service supervisor: without waiting for its ports to be free.
    func startAgain(_ host: Host) {
        if !settings.isFaultFree, !isSettling {
            if kernel.choices.chance(perMille: 100) { occupyPort(of: host) }
            if kernel.choices.chance(perMille: 100) { lockStore(for: host) }
        }
        startServer(of: host)
        if !isSettling, kernel.choices.chance(perMille: settings.isFaultFree ? 0 : 50) { signalServer(of: host) }
    }

    // MARK: Other programs that hold a port or the database

    /// Another program listens on one of the ports for a while.
    private func occupyPort(of host: Host) {
        guard host.portOccupant == nil, let port = kernel.choices.element(of: ports(of: host)),
            !kernel.isListening(port)
        else {
            return
        }
        record.note(.portOccupied)
        record.trace("another program listens on port \(port)")
        host.occupiedPort = port
        let occupant = kernel.start { [record] process in
            do {
                _ = try ListeningSocket.bind(host: "127.0.0.1", port: port, on: process.machine)
            } catch {
                record.trace("the other program cannot listen: \(error)")
            }
        }
        host.portOccupant = occupant
        kernel.run(occupant)
    }

    private func lockStore(for host: Host) {
        record.note(.storeLocked)
        record.trace("another program locks the database for a while")
        host.storeLockedUntil = kernel.elapsed + .milliseconds(kernel.choices.below(4000))
    }

    func isStoreLocked(for host: Host) -> Bool { kernel.elapsed < host.storeLockedUntil }

    /// True while a start or a stop waits for something that may outlast the time limit of that start or stop.
    var isStartOrStopWaiting: Bool {
        !settings.isFaultFree
            && hosts.contains { $0.instance.isStopRequested || $0.portOccupant != nil || isStoreLocked(for: $0) }
    }

    /// Advances the wait: the port may become free, and the clock may jump.
    func passTime() {
        for host in hosts { endPortOccupant(of: host, perMille: 3) }
        if kernel.choices.chance(perMille: 10) { kernel.advance(by: .milliseconds(kernel.choices.below(1500))) }
    }

    /// Ends the other program with a probability of `perMille` in 1000.
    func endPortOccupant(of host: Host, perMille: Int) {
        guard let occupant = host.portOccupant, kernel.choices.chance(perMille: perMille) else { return }
        record.trace("the other program ends")
        kernel.kill(occupant.id)
        host.portOccupant = nil
        host.occupiedPort = nil
    }
}
