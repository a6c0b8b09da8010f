import Transport

/// The tasks of a worker's suspended handlers. Closing the server cancels them.
actor HandlerTasks {
    private nonisolated let loop: EventLoop
    private var running: [UInt64: Task<Void, Never>] = [:]
    private var lastNumber: UInt64 = 0
    private var isClosing = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// Starts a task that stays on the loop. It is cancelled when the server closes, at once if the server is closing.
    func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        lastNumber += 1
        let number = lastNumber
        let task = loop.startTask {
            await body()
            await self.ended(number)
        }
        running[number] = task
        if isClosing { task.cancel() }
        return task
    }

    private func ended(_ number: UInt64) {
        running[number] = nil
    }

    func cancelAll() {
        isClosing = true
        for (_, task) in running.sorted(by: { $0.key < $1.key }) { task.cancel() }
    }
}
