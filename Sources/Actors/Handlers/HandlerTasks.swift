import Synchronization
import Transport

/// The tasks of a worker's suspended handlers. Closing the server cancels them, except those of disconnect handlers,
/// and waits for all, except the one that closes it.
actor HandlerTasks {
    /// The number of the handler's task that runs this code; nil outside of handlers.
    @TaskLocal private static var currentNumber: UInt64?
    /// The numbers are unique in the process, because a handler of one server may close another one.
    private static let lastNumber = Atomic<UInt64>(0)

    private nonisolated let loop: EventLoop
    /// The tasks that closing the server waits for.
    private var tasks: [UInt64: (task: Task<Void, Never>, isCancelledByClosing: Bool)] = [:]
    private let running = OpenCount()
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
        let number = Self.lastNumber.add(1, ordering: .relaxed).newValue
        let task = loop.startTask {
            await Self.$currentNumber.withValue(number) { await body() }
            await self.forget(number)
        }
        tasks[number] = (task, isCancelledByClosing)
        running.open += 1
        if isClosing, isCancelledByClosing { task.cancel() }
        return task
    }

    /// Stops counting a task, because it has ended or closes the server.
    private func forget(_ number: UInt64) {
        if tasks.removeValue(forKey: number) != nil { running.open -= 1 }
    }

    /// Cancels the tasks. Tasks that are started later are cancelled at once.
    func cancelAll() {
        isClosing = true
        for (_, entry) in tasks.sorted(by: { $0.key < $1.key }) where entry.isCancelledByClosing { entry.task.cancel() }
    }

    /// Waits until every other task has ended, at most for this time. A task that calls this, or waits for the caller,
    /// ends only afterwards.
    func waitForAll(timeout: Duration) async {
        if let number = Self.currentNumber { forget(number) }
        await running.waitUntilEmpty(on: loop, timeout: timeout)
    }
}
