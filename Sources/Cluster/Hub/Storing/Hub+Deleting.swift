import Actors
import Persistence

/// Deletions of single messages, which the operator orders.
extension Hub {
    typealias DeletionResult = Result<Deletion, DeletionError>

    /// Deletes stored messages at one place in the stream of every worker: none of them delivers the messages after it.
    /// Then the deletion has this result. It waits for the other calls to the store.
    /// - Parameter ids: at most a few hundred ids.
    /// - Throws: ``DeletionError``. Unless it says that nothing was deleted, the same call may be repeated.
    package func delete(_ ids: [Int64]) async throws(DeletionError) -> Deletion {
        guard store != nil, !schedule.isClosed, schedule.requestDeletion(of: ids) else { throw .unavailable }
        let result: DeletionResult = await withCheckedContinuation { continuation in
            deletionWaiters.append(continuation)
            continueStoring()
        }
        return try result.get()
    }

    /// Carries out the oldest deletion that waits, unless it was refused meanwhile.
    func carryOutDeletion(of ids: [Int64]) async {
        guard !deletionWaiters.isEmpty else { return }
        let waiter = deletionWaiters.removeFirst()
        let result = await result(ofDeleting: ids)
        if case .success(let deletion) = result {
            counters.pruned += deletion.deleted.count
            // Also those without a message: an earlier call may have deleted them and then failed.
            let gone = (deletion.deleted + deletion.absent).filter { $0 <= machine.lastPublished }
            var output = HubStateMachine.Output()
            if !gone.isEmpty { machine.deleted(.messages(gone.sorted()), into: &output) }
            send(output)
        }
        waiter.resume(returning: result)
    }

    /// Refuses the deletions that have not begun, because the store is closed or closes.
    func refuseDeletions() {
        let waiters = deletionWaiters
        deletionWaiters = []
        for waiter in waiters { waiter.resume(returning: .failure(.unavailable)) }
    }

    private func result(ofDeleting ids: [Int64]) async -> DeletionResult {
        guard let store, !schedule.isClosed else { return .failure(.unavailable) }
        do {
            guard let deletion = try await store.delete(ids) else { return .failure(.unsupported) }
            return .success(deletion)
        } catch {
            closeIfLost(error)
            return .failure(.failed(error))
        }
    }
}
