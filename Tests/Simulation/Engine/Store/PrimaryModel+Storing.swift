import Persistence

/// The store's steps, each by itself: statements, commit, visible to readers, reported, published.
extension PrimaryModel {
    /// Brings the group at the disk one step on.
    /// - Returns: whether there was anything to do.
    func storeStep(_ cluster: SimulatedCluster) -> Bool {
        switch storing {
        case .idle:
            return false
        case .waiting(let group):
            guard cluster.disk.transaction == nil else { return false }
            insert(group, cluster)
        case .inserted(let attempt) where cluster.faults.contains(.acknowledgesBeforeCommit):
            writer.report(attempt)
            publish(attempt.foreign ?? [])
            groupCommitted(attempt)
            storing = .acknowledged(attempt)
        case .acknowledged(let attempt):
            cluster.disk.transaction = nil
            cluster.disk.commit(attempt.added, lastID: attempt.lastID, by: number)
            cluster.disk.makeVisible()
            storing = .idle
            takeGroup()
        case .inserted(let attempt):
            commit(attempt, cluster)
        case .committed(let attempt):
            cluster.disk.makeVisible()
            cluster.record.note(.groupVisible)
            storing = .visible(attempt)
        case .visible(let attempt):
            writer.report(attempt)
            cluster.record.note(.groupReported)
            storing = .reported(attempt)
        case .reported(let attempt):
            storing = .idle
            publish(attempt.foreign ?? [])
            cluster.record.note(.groupPublished)
            groupCommitted(attempt)
            takeGroup()
        case .failed:
            storing = .idle
            groupFailed()
            takeGroup()
        case .lost:
            storing = .idle
            cluster.kill(self)
        case .polled(let rows):
            storing = .idle
            publish(rows)
            takeGroup()
        }
        return true
    }

    private func insert(_ group: [StoreRequest], _ cluster: SimulatedCluster) {
        if cluster.hasFault(perMille: 40) {
            cluster.record.note(.groupRolledBack)
            storing = .failed
            return
        }
        do throws(WriterModel.Failure) {
            let attempt = try writer.insert(
                group, into: cluster.disk, at: 1 + Int64(cluster.milliseconds), gap: cluster.nextGap)
            guard attempt.reachesEnd else {
                cluster.record.note(.groupDeferred)
                writer.report(attempt)
                publish(attempt.foreign ?? [])
                return
            }
            cluster.disk.transaction = number
            cluster.record.note(.groupInserted)
            storing = .inserted(attempt)
        } catch {
            cluster.record.note(.superseded)
            storing = .lost
        }
    }

    private func commit(_ attempt: WriterModel.Attempt, _ cluster: SimulatedCluster) {
        cluster.disk.transaction = nil
        let isUnknown = cluster.hasFault(perMille: 60)
        let isStored = !isUnknown || cluster.choices.chance(500)
        if isStored {
            cluster.disk.commit(attempt.added, lastID: attempt.lastID, by: number)
            cluster.committed(attempt)
        }
        guard isUnknown else {
            storing = .committed(attempt)
            return
        }
        // Reading back tells what has happened; if that fails too, this start must not go on.
        if cluster.choices.chance(300) {
            cluster.record.note(.outcomeUnknown)
            cluster.disk.makeVisible()
            storing = .lost
        } else {
            cluster.record.note(isStored ? .unknownCommitStored : .unknownCommitAbsent)
            let isFound = isStored && !cluster.faults.contains(.doesNotReadBack)
            storing = isFound ? .committed(attempt) : .failed
        }
    }

    /// Looks for rows of other programs while nothing is stored.
    func poll(_ cluster: SimulatedCluster) {
        guard case .idle = storing else { return }
        do throws(WriterModel.Failure) {
            let rows = try writer.poll(cluster.disk)
            if !rows.isEmpty { storing = .polled(rows) }
        } catch {
            cluster.record.note(.superseded)
            storing = .lost
        }
    }
}
