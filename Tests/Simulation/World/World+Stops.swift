import Glibc
import Persistence
import SimulatedMachine
import Transport

/// How the server is started, told to stop, and kept from starting.
extension World {
    /// Signals that end the server, those that `chatd supervise` survives, and one that asks for the counters.
    private static let signals = [SIGTERM, SIGTERM, SIGTERM, SIGINT, SIGHUP, SIGUSR1]

    private func isStop(_ signal: CInt) -> Bool {
        signal == SIGTERM || signal == SIGINT || signal == SIGHUP && settings.workers == 0
    }

    /// Sends one of the signals that an operator may send, to the server's process or to its whole group.
    func signalServer() {
        guard let primary, let signal = kernel.choices.element(of: Self.signals) else { return }
        guard database.survivesRestart || !isStop(signal) else { return }
        if isStop(signal) {
            record.note(instance.isStopRequested ? .stopRequestedAgain : .stopRequested)
            instance.isStopRequested = true
        }
        let isForGroup = kernel.choices.chance(perMille: 300)
        record.trace("signal \(signal) for \(isForGroup ? "every process" : "the server")")
        for process in isForGroup ? kernel.processes : [primary] { kernel.send(signal, to: process.id) }
    }

    /// Starts the server that has ended, as whatever supervises it does, whether or not its ports are free.
    func startAgain() {
        if !settings.isFaultFree, !isSettling {
            if kernel.choices.chance(perMille: 100) { occupyPort() }
            if kernel.choices.chance(perMille: 100) { lockStore() }
        }
        startServer()
        if !isSettling, kernel.choices.chance(perMille: settings.isFaultFree ? 0 : 50) { signalServer() }
    }

    // MARK: Others that hold what it needs

    /// Another program listens on one of the ports, for a while.
    private func occupyPort() {
        guard portOccupant == nil, let port = kernel.choices.element(of: ports), !kernel.isListening(port) else {
            return
        }
        record.note(.portOccupied)
        record.trace("another program listens on \(port)")
        occupiedPort = port
        portOccupant = kernel.start { [record] process in
            do {
                _ = try ListeningSocket.bind(host: "127.0.0.1", port: port, on: process.machine)
            } catch {
                record.trace("the other program cannot listen: \(error)")
            }
        }
        if let portOccupant { kernel.run(portOccupant) }
    }

    private func lockStore() {
        record.note(.storeLocked)
        record.trace("another program has the database for a while")
        storeLockedUntil = kernel.elapsed + .milliseconds(kernel.choices.below(4000))
    }

    var isStoreLocked: Bool { kernel.elapsed < storeLockedUntil }

    /// Whether a start or a stop waits for something that may take too long.
    var isStartOrStopWaiting: Bool {
        !settings.isFaultFree && (instance.isStopRequested || portOccupant != nil || isStoreLocked)
    }

    /// A little of what is awaited passes, or much time.
    func passTime() {
        endPortOccupant(perMille: 3)
        if kernel.choices.chance(perMille: 10) { kernel.advance(by: .milliseconds(kernel.choices.below(1500))) }
    }

    /// Now and then the other program ends.
    func endPortOccupant(perMille: Int) {
        guard let portOccupant, kernel.choices.chance(perMille: perMille) else { return }
        record.trace("the other program ends")
        kernel.kill(portOccupant.id)
        self.portOccupant = nil
        occupiedPort = nil
    }
}
