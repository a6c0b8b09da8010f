import Actors
import Persistence
import Transport

/// The calls of the store, as ``StoreSchedule`` plans them.
extension Hub {
    /// Begins the next call of the store, if there is one to make.
    func continueStoring() {
        let work = schedule.next(
            hasGathered: machine.storeQueue.count > 0, isCongested: isCongested,
            nextGroup: { machine.nextGroup() })
        guard let work else { return }
        storing = loop.startTask { await self.perform(work) }
    }

    private var isCongested: Bool {
        let isCongested = links.values.contains(where: \.isCongested)
        if isCongested { loop.observer?.noted(.linkCongested) }
        return isCongested
    }

    private func perform(_ work: StoreSchedule.Work) async {
        switch work {
        case .commit(let group):
            let isPutOff = await commit(group)
            schedule.finish(putOff: isPutOff ? group : nil)
        case .poll:
            let foundMessages = await poll()
            schedule.finishPoll(foundMessages: foundMessages)
        }
        storing = nil
        continueStoring()
    }

    /// - Returns: whether the store has put the group off.
    private func commit(_ group: [MessageDraft]) async -> Bool {
        guard let store, !schedule.isClosed else {
            groupFailed(.closed, count: group.count)
            return false
        }
        let start = loop.machine.now
        do {
            let report = try await store.commit(group)
            publish(report.foreignRows)
            if !report.isDeferred { groupCommitted(report, took: loop.machine.now - start) }
            return report.isDeferred
        } catch {
            groupFailed(error, count: group.count)
            return false
        }
    }

    private func groupCommitted(_ report: GroupReport, took time: Duration) {
        counters.groups += 1
        counters.commitTime += time
        counters.longestCommit = max(counters.longestCommit, time)
        for outcome in report.outcomes {
            if case .stored = outcome { counters.stored += 1 } else { counters.repeats += 1 }
        }
        var output = HubStateMachine.Output()
        machine.groupCommitted(report.outcomes, into: &output)
        send(output)
    }

    private func groupFailed(_ error: StoreError, count: Int) {
        counters.failed += count
        report(.groupFailed(count: count, error))
        var output = HubStateMachine.Output()
        machine.groupFailed(into: &output)
        send(output)
        closeIfLost(error)
    }

    private func publish(_ messages: [StoredMessage]) {
        guard !messages.isEmpty else { return }
        var output = HubStateMachine.Output()
        machine.publish(messages, into: &output)
        send(output)
    }

    /// - Returns: whether it found messages.
    private func poll() async -> Bool {
        guard let store, !schedule.isClosed else { return false }
        do {
            let messages = try await store.poll()
            publish(messages)
            return !messages.isEmpty
        } catch {
            report(.pollFailed(error))
            closeIfLost(error)
            return false
        }
    }

    /// Some failures end the store for good.
    private func closeIfLost(_ error: StoreError) {
        guard error.endsStore else { return }
        schedule.close()
        report(.storeLost(error))
    }

    /// Stores what has gathered, and closes the store.
    public func close() async {
        schedule.beginClosing()
        continueStoring()
        while let storing { await storing.value }
        schedule.close()
        await store?.close()
    }
}
