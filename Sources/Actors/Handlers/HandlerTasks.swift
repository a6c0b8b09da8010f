import Transport

/// The tasks of a worker's suspended handlers. Closing the server cancels them, except those of disconnect handlers, and
/// waits for all.
actor HandlerTasks {
    private nonisolated let loop: EventLoop
    /// The tasks that closing the server cancels.
    private var cancellable: [UInt64: Task<Void, Never>] = [:]
    private let running = OpenCount()
    private var lastNumber: UInt64 = 0
    private var isClosing = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// Starts a task that stays on the loop.
    /// - Parameter isCancelledByClosing: True to cancel the task when the server closes, at once if it is closing.
    func start(
        isCancelledByClosing: Bool = true, _ body: @escaping @Sendable () async -> Void
    ) -> Task<Void, Never> {
        lastNumber += 1
        let number = lastNumber
        let task = loop.startTask {
            await body()
            await self.ended(number)
        }
        running.open += 1
        guard isCancelledByClosing else { return task }
        cancellable[number] = task
        if isClosing { task.cancel() }
        return task
    }

    private func ended(_ number: UInt64) {
        cancellable[number] = nil
        running.open -= 1
    }

    /// Cancels the tasks. Tasks that are started later are cancelled at once.
    func cancelAll() {
        isClosing = true
        for (_, task) in cancellable.sorted(by: { $0.key < $1.key }) { task.cancel() }
    }

    /// Waits until every task has ended, at most for this time.
    func waitForAll(timeout: Duration) async {
        await running.waitUntilEmpty(on: loop, timeout: timeout)
    }
}
