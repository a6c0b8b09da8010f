import Actors
import Persistence

/// Deletions of single messages, which the operator orders.
extension Hub {
    typealias DeletionResult = Result<HubDeletion, DeletionError>

    /// Deletes stored messages at one place in the stream of every worker: none of them delivers the messages after it.
    /// Then the deletion has this result. It waits for the other calls to the store.
    /// - Parameter ids: at most a few hundred ids.
    /// - Throws: ``DeletionError``. Unless it says that nothing was deleted, the same call may be repeated.
    package func delete(_ ids: [Int64]) async throws(DeletionError) -> HubDeletion {
        let result: DeletionResult = await withCheckedContinuation { continuation in
            guard store != nil, !schedule.isClosed, schedule.requestDeletion(of: ids) else {
                return continuation.resume(returning: .failure(.unavailable))
            }
            deletionWaiters.append(continuation)
            continueStoring()
        }
        return try result.get()
    }

    /// Carries out the oldest deletion that waits, unless it was refused meanwhile.
    func carryOutDeletion(of ids: [Int64]) async {
        guard !deletionWaiters.isEmpty else { return }
        let waiter = deletionWaiters.removeFirst()
        waiter.resume(returning: await result(ofDeleting: ids).map(publish))
    }

    /// Tells the workers which messages are gone.
    private func publish(_ deletion: Deletion) -> HubDeletion {
        counters.pruned += deletion.deleted.count
        // Also those without a message: an earlier call may have deleted them and then failed. But not an id that may
        // still become one of a message.
        let gone = (deletion.deleted + deletion.absent).filter { $0 <= machine.lastPublished }.sorted()
        var output = HubStateMachine.Output()
        if !gone.isEmpty { machine.deleted(.messages(gone), into: &output) }
        send(output)
        return HubDeletion(deletion: deletion, gone: gone)
    }

    /// Refuses the deletions that have not begun, because the store is closed or closes.
    func refuseDeletions() {
        let waiters = deletionWaiters
        deletionWaiters = []
        for waiter in waiters { waiter.resume(returning: .failure(.unavailable)) }
    }

    private func result(ofDeleting ids: [Int64]) async -> Result<Deletion, DeletionError> {
        guard let store, !schedule.isClosed else { return .failure(.unavailable) }
        do {
            guard let deletion = try await store.delete(ids) else { return .failure(.unsupported) }
            return .success(deletion)
        } catch {
            counters.failedDeletions += 1
            closeIfLost(error)
            return .failure(.failed(error))
        }
    }
}
