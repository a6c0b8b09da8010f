import Actors
import Persistence
import Transport

/// The hub's calls to the store, one at a time, as ``StoreSchedule`` decides.
extension Hub {
    /// Starts the next call to the store, if one is due.
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
        machine.looks.begin()
        noteStore { $0.callBegan(at: $1) }
        switch work {
        case .commit(let group):
            let isDeferred = await commit(group)
            schedule.finish(deferred: isDeferred ? group : nil)
        case .poll:
            let foundMessages = await poll()
            schedule.finishPoll(foundMessages: foundMessages)
        case .prune:
            let mayContinue = await prune()
            schedule.finishPruning(mayContinue: mayContinue)
        case .delete(let ids):
            await carryOutDeletion(of: ids)
            schedule.finishDeletion()
        }
        storing = nil
        noteStore { health, _ in health.callEnded() }
        finishLook()
        continueStoring()
    }

    /// Answers what waited for the rows and epochs that a call to the store has read.
    private func finishLook() {
        answerHeldSubscriptions()
        if machine.looks.needsRead { schedule.requestLook() }
        if machine.looks.hasCompletedLatest { rowsAreOverdue = false }
        handleDeliveries()
        answerClaims()
    }

    private func answerHeldSubscriptions() {
        if let store { machine.highestAssigned = max(machine.highestAssigned, store.highestAssignedID) }
        var output = HubStateMachine.Output()
        machine.answerHeldSubscriptions(into: &output)
        send(output)
    }

    /// True if a claim names an epoch that the store does not know yet, and a read has not shown that it does not
    /// exist: another server may have recorded it a moment ago. Requests the read.
    func mustLook(before claim: ClaimQueue.Entry) -> Bool {
        guard let store, store.isShared, claim.question == nil, !schedule.isClosed, !machine.looks.cover(claim.looks),
            loop.now - claim.time < Self.lookTimeout, let offset = claim.claim.offset.flatMap(Offset.init),
            offset.row != nil, let epoch = offset.epoch, store.rowLimit(ofEpoch: epoch) == nil
        else { return false }
        if claim.looks == machine.looks.begun { look() }
        return true
    }

    /// - Returns: true if the store deferred the group.
    private func commit(_ group: [MessageDraft]) async -> Bool {
        guard let store, !schedule.isClosed else {
            groupFailed(.closed, count: group.count)
            return false
        }
        let start = loop.machine.now
        do {
            let report = try await store.commit(group)
            publish(report.foreignRows)
            if !report.isDeferred {
                machine.looks.complete()
                // These sockets receive the messages of the group before the results.
                answerHeldSubscriptions()
                groupCommitted(report, took: loop.machine.now - start)
            }
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
        noteHealth(of: report, took: time)
        for outcome in report.outcomes {
            switch outcome {
            case .stored: counters.stored += 1
            case .repeated: counters.repeats += 1
            case .refused(let error):
                counters.failed += 1
                if case .sizeLimit = error { counters.overSize += 1 }
                self.report(.groupFailed(count: 1, error))
            }
        }
        var output = HubStateMachine.Output()
        machine.groupCommitted(report.outcomes, into: &output)
        send(output)
    }

    /// Records whether the store takes messages. A group of which messages were refused, because the database is full,
    /// has failed, unless others were stored.
    private func noteHealth(of report: GroupReport, took time: Duration) {
        let isFull = report.outcomes.contains { if case .refused(let error) = $0 { error.isFull } else { false } }
        let hasStored = report.outcomes.contains { if case .stored = $0 { true } else { false } }
        if isFull { counters.failedGroups += 1 }
        guard hasStored || !isFull else { return noteStore { $0.commitFailed(at: $1) } }
        counters.commits.observe(time)
        noteStore { health, _ in health.committed() }
    }

    private func groupFailed(_ error: StoreError, count: Int) {
        counters.failed += count
        if store != nil {
            counters.failedGroups += 1
            noteStore { $0.commitFailed(at: $1) }
        }
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

    /// - Returns: true if it found messages.
    private func poll() async -> Bool {
        guard let store, !schedule.isClosed else { return false }
        do {
            let messages = try await store.poll()
            if messages.isEmpty { machine.looks.complete() }
            publish(messages)
            return !messages.isEmpty
        } catch {
            counters.failedPolls += 1
            report(.pollFailed(error))
            closeIfLost(error)
            return false
        }
    }

    /// - Returns: true if there may be more messages to delete.
    private func prune() async -> Bool {
        guard let store, !schedule.isClosed else { return false }
        do {
            let pruning = try await store.prune()
            counters.pruned += pruning.count
            if let id = pruning.futureMessage, !hasNotedFuture {
                hasNotedFuture = true
                report(.messageFromFuture(id: id))
            }
            if pruning.through > prunedThrough {
                prunedThrough = pruning.through
                var output = HubStateMachine.Output()
                machine.deleted(.through(pruning.through), into: &output)
                send(output)
            }
            return pruning.mayContinue
        } catch {
            counters.failedPrunings += 1
            report(.pruningFailed(error))
            closeIfLost(error)
            return false
        }
    }

    /// Requests deletions once a minute.
    func requestPruning(at now: ContinuousClock.Instant) {
        guard store?.needsPruning == true, now >= nextPruning ?? now else { return }
        nextPruning = now + Self.pruningInterval
        schedule.requestPruning()
    }

    /// Stops calling the store if the error means that it must not be written any more.
    func closeIfLost(_ error: StoreError) {
        guard error.endsStore else { return }
        schedule.close()
        refuseDeletions()
        noteStore { health, _ in health.wasLost() }
        report(.storeLost(error))
    }

    /// Answers what other hosts have asked, stores the gathered messages, then closes the store and the backplane.
    public func close() async {
        await leaveOthers()
        schedule.beginClosing()
        refuseDeletions()
        store?.stopWaiting()
        continueStoring()
        while let storing { await storing.value }
        schedule.close()
        await store?.close()
        await backplane?.close()
    }
}
