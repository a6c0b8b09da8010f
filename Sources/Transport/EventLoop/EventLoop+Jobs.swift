/// The jobs of actors and tasks.
extension EventLoop {
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(.task(UnownedJob(job)))
    }

    /// Runs `work` on the loop soon. What one thread asks for is done in the order of its calls.
    public func execute(_ work: @escaping @Sendable () -> Void) {
        jobs.add(.work(work))
    }

    /// Starts a task that never leaves the loop, wherever it waits, but for actors with executors of their own. To be
    /// preferred to `Task { }`, which is resumed by way of another thread. The task keeps the loop.
    ///
    /// Plain actors and nonisolated async functions run on the loop too, and so do child tasks. Long work belongs into
    /// `withTaskExecutorPreference(globalConcurrentExecutor) { }`.
    @discardableResult
    public func startTask(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: taskExecutor) {
            await body()
            withExtendedLifetime(self) {}
        }
    }

    func runJobs() {
        repeat { jobs.run(run) } while isDriven && !jobs.isEmpty
    }

    private func run(_ job: JobQueue.Job) {
        switch job {
        case .task(let task):
            task.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(), taskExecutor: taskExecutor.asUnownedTaskExecutor())
        case .work(let work): work()
        }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Whether the calling thread is the loop's.
    public var isOnLoop: Bool { jobs.isOnLoop }

    public func checkIsolated() {
        precondition(isOnLoop, "called off the event loop that owns this")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isOnLoop
    }
}
