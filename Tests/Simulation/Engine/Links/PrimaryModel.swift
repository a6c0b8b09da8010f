import Actors
import Cluster
import Persistence

/// The process of the hub: it drives the hub's state machine as the hub's actor does, and the store step by step.
final class PrimaryModel {
    /// Where the group at the disk is.
    enum Storing {
        case idle
        case waiting([StoreRequest])
        case inserted(WriterModel.Attempt)
        /// A mistake: its senders have been told, and it is not on the disk.
        case acknowledged(WriterModel.Attempt)
        case committed(WriterModel.Attempt)
        case visible(WriterModel.Attempt)
        /// The report is on its way to the hub.
        case reported(WriterModel.Attempt)
        case failed
        /// The store must not be written to any more.
        case lost
        case polled([Disk.Row])
    }

    let number: Int
    let epoch: String
    let witness: Witness
    private(set) var machine: HubStateMachine
    private(set) var links: [LinkModel] = []
    var writer: WriterModel
    var storing = Storing.idle
    private(set) var isRunning = true
    private var isAnsweringClaims = false
    private unowned let cluster: SimulatedCluster

    init(number: Int, epoch: String, writer: WriterModel, _ cluster: SimulatedCluster) {
        self.number = number
        self.epoch = epoch
        self.writer = writer
        self.cluster = cluster
        witness = Witness(cluster.record)
        let disk = cluster.disk
        machine = HubStateMachine(
            epoch: epoch, lastPublished: disk.rows.last?.id ?? 0, highestAssigned: disk.lastID,
            recovery: cluster.recovery)
    }

    // MARK: Links

    func attach(worker: Int, capacity: Int) -> LinkModel {
        let link = LinkModel(machine.attach(), worker: worker, capacity: capacity)
        links.append(link)
        return link
    }

    /// The worker's process is gone: what it has written completely is heard first.
    func lose(_ link: LinkModel) {
        if !cluster.faults.contains(.forgetsThePipe) { read(link, atMost: .max) }
        if link.tornBytes > 0 { cluster.record.note(.tornFrame) }
        links.removeAll { $0 === link }
        machine.detach(link.incarnation, at: cluster.now)
        witness.lost(link.incarnation)
    }

    func read(_ link: LinkModel, atMost count: Int) {
        link.readAtHub(count) { receive($0, from: link) }
    }

    func acceptWrites() {
        for link in links { link.toWorker.accept() }
    }

    func die() {
        isRunning = false
        for link in links { link.hasHub = false }
        if cluster.disk.transaction == number { cluster.disk.transaction = nil }
    }

    // MARK: The hub

    /// Each operation by itself, so that the witness sees the order; the items leave together.
    private func receive(_ operations: [Operation], from link: LinkModel) {
        var output = HubStateMachine.Output()
        for operation in operations {
            cluster.record.trace("hub \(number) hears: worker \(link.worker) \(operation.words)")
            machine.receive([operation], from: link.incarnation, at: cluster.now, into: &output)
            witness.heard(operation, from: link.incarnation, at: cluster.now, head: machine.head)
        }
        send(output)
        takeGroup()
        answerClaims()
    }

    private func answerClaims() {
        guard !isAnsweringClaims else { return }
        isAnsweringClaims = true
        defer { isAnsweringClaims = false }
        while machine.hasClaims {
            let owner = machine.ownerOfNextClaim
            if let owner, let link = links.first(where: { $0.incarnation == owner }) { hearOut(link) }
            // The claim may have gone with its claimant meanwhile: then another owner has to be heard.
            if let next = machine.ownerOfNextClaim, next != owner { continue }
            var output = HubStateMachine.Output()
            let writer = writer
            machine.answerNextClaim(rowLimit: writer.rowLimit(ofEpoch:), into: &output)
            for case .claimed(let number, let answer) in output.items.flatMap(\.items) {
                cluster.record.trace("hub \(self.number) answers claim \(number): \(answer.words)")
                witness.answered(answer)
            }
            send(output)
        }
    }

    /// Reads what is there, which may be the end.
    private func hearOut(_ link: LinkModel) {
        guard !cluster.faults.contains(.doesNotHearOut) else { return }
        if !link.toHub.isEmpty { cluster.record.note(.heardOut) }
        read(link, atMost: .max)
        if let worker = cluster.dying.first(where: { $0.link === link }) { cluster.bury(worker) }
    }

    private func send(_ output: HubStateMachine.Output) {
        for (incarnation, items) in output.items {
            for case .ownershipLost in items { cluster.record.note(.ownershipLost) }
            cluster.judge(items)
            links.first { $0.incarnation == incarnation }?.send(items)
        }
    }

    func expire() {
        let before = machine.lostCount
        machine.expire(at: cluster.now)
        if machine.lostCount < before { cluster.record.note(.sessionGivenUp) }
    }

    // MARK: Publishing

    func takeGroup() {
        guard case .idle = storing, let group = machine.nextGroup() else { return }
        storing = .waiting(group)
    }

    func publish(_ rows: [Disk.Row]) {
        guard !rows.isEmpty else { return }
        cluster.record.note(.foreignRowsPublished)
        var output = HubStateMachine.Output()
        machine.publish(rows.map(\.message), into: &output)
        send(output)
    }

    func groupCommitted(_ attempt: WriterModel.Attempt) {
        var output = HubStateMachine.Output()
        machine.groupCommitted(attempt.outcomes, at: attempt.createdAt, into: &output)
        send(output)
    }

    func groupFailed() {
        var output = HubStateMachine.Output()
        machine.groupFailed(into: &output)
        send(output)
    }
}
