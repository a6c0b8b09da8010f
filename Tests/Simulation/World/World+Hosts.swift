import Cluster
import SimulatedMachine
import Transport

/// Several hosts: their exchange, and the faults of what they share.
extension World {
    /// The checks of the exchange of a host's new server; nil if there is one host.
    func makeExchange(of host: Host) -> HostExchange? {
        guard hosts.count > 1 else { return nil }
        return HostExchange(
            record, node: "node \(host.number).\(nextNumber())", patience: settings.backplanePatience,
            isStopping: { [unowned host] in host.instance.isStopRequested || host.instance.hasLostStore })
    }

    /// The service through which a server exchanges events with other hosts; nil if there is one host.
    func backplane(of process: SimulatedProcess, _ model: HubOracle) -> BackplaneService? {
        guard let exchange = model.exchange else { return nil }
        return BackplaneService { [unowned self, unowned process] loop in
            let backplane = SimulatedBackplane(exchange, model, of: process, on: loop, in: self)
            let onExit = process.onExit
            process.onExit = {
                onExit?()
                backplane.end()
            }
            return backplane
        }
    }

    /// True if a host may have stopped without answering others. Their handlers then wait until their questions time
    /// out, and the next events of the same sockets wait with them.
    var hasStoppedOneOfSeveralHosts: Bool { hosts.count > 1 && hosts.contains { $0.lastNumberAtExit > 0 } }

    /// Injects a fault that concerns several hosts, or what they share.
    func hostFaultStep() {
        switch kernel.choices.below(100) {
        case 0..<25: broker.breakConnection()
        case 25..<40: broker.restart()
        case 40..<50: broker.hang()
        case 50..<62: broker.partition()
        case 62..<66: broker.dropNextMessage()
        case 66..<74: (database as? SharedDatabase)?.restart()
        case 74..<82: setPaused(true, anyHost())
        case 82..<88: setPaused(false, anyHost())
        case 88..<94: killHost(anyHost())
        default: kernel.advance(by: .milliseconds(kernel.choices.below(1500)))
        }
    }

    private func processes(of host: Host) -> [SimulatedProcess] {
        kernel.processes.filter { process in
            self.host(of: process) === host && !hosts.contains { $0.portOccupant === process }
        }
    }

    /// Stops or continues all processes of a host.
    private func setPaused(_ isPaused: Bool, _ host: Host) {
        record.trace("host \(host.number) is \(isPaused ? "frozen" : "continued")")
        if isPaused { record.note(.hostFrozen) }
        for process in processes(of: host) { process.isPaused = isPaused }
        if !isPaused { inquiries.resumed() }
    }

    /// Kills all processes of a host.
    private func killHost(_ host: Host) {
        record.trace("host \(host.number) is killed")
        record.note(.hostKilled)
        for process in processes(of: host) where process !== host.primary { kernel.kill(process.id) }
        killServer(of: host)
    }

    /// Notes whether all hosts can answer each other now.
    func noteDisturbance() {
        guard hosts.count > 1 else { return }
        let isAlone = { (host: Host) in
            host.primary == nil || host.instance.isStopRequested || host.instance.hasLostStore
                || host.model.exchange?.isConnected != true
        }
        let isBusy = { (process: SimulatedProcess) in process.isPaused || process.neglectsPipes }
        for host in hosts {
            guard
                isAlone(host) || broker.isDisturbed(for: host.model) || processes(of: host).contains(where: isBusy)
            else { continue }
            host.model.exchange?.lastDisturbance = record.time
        }
        if broker.isDisturbed || hosts.contains(where: isAlone) || kernel.processes.contains(where: isBusy) {
            moves.noteDisturbance()
        }
    }

    /// Lets time pass while a broker that is disturbed keeps hosts waiting.
    func passTimeOfDisturbance() {
        guard !settings.isFaultFree, broker.isDisturbed, kernel.choices.chance(perMille: 15) else { return }
        kernel.advance(by: .milliseconds(kernel.choices.below(400)))
    }
}
