import Actors
import Transport

/// The hub's metrics, and the health of its store.
extension Hub {
    /// The counters and the present state as metrics, including those that are zero.
    package var samples: MetricSamples {
        let status = status
        var samples = MetricSamples()
        samples.add(.sessions, "connected", number: status.sessions)
        samples.add(.sessions, "lost", number: status.lostSessions)
        samples.add(.loggedEvents, number: status.loggedEvents)
        samples.add(.linkQueue, number: links.values.reduce(0) { $0 + $1.pendingBytes })
        samples.add(.droppedEvents, number: status.dropped)
        if let gate {
            samples.add(.backplaneUp, isTrue: gate.isConnected)
            samples.add(.backplaneOutages, number: status.outages)
        }
        guard store != nil else { return samples }
        samples.add(.storedMessages, "stored", number: status.stored)
        samples.add(.storedMessages, "repeated", number: status.repeats)
        samples.add(.storedMessages, "failed", number: status.failed)
        samples.add(.commitTime, status.commits)
        samples.add(.storeQueue, number: status.waiting)
        samples.add(.storeUp, isTrue: storeIsUp)
        samples.add(.storeFailures, "commit", number: status.failedGroups)
        samples.add(.storeFailures, "poll", number: status.failedPolls)
        samples.add(.storeFailures, "prune", number: status.failedPrunings)
        samples.add(.storeFailures, "delete", number: status.failedDeletions)
        samples.add(.refusals, "database_full", number: status.overSize)
        return samples
    }

    /// True if the store takes messages, as far as the hub knows without writing.
    package var storeIsUp: Bool { storeHealth.isUp(at: loop.now) }

    /// Records a change of the store's health.
    func noteStore(_ change: (inout StoreHealth, _ now: ContinuousClock.Instant) -> Void) {
        change(&storeHealth, loop.now)
    }
}
