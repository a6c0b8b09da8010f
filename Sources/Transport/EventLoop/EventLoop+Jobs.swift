/// Running the jobs of actors and tasks.
extension EventLoop {
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(.task(UnownedJob(job)))
    }

    /// Runs `work` on the loop asynchronously. Closures from one thread run in the order of the calls.
    public func execute(_ work: @escaping @Sendable () -> Void) {
        jobs.add(.work(work))
    }

    /// Starts a task that stays on the loop across every suspension, except inside actors that have executors of their
    /// own. Prefer it to `Task { }`, whose continuations resume by way of another thread. The task retains the loop.
    ///
    /// Plain actors, nonisolated async functions and child tasks run on the loop too. Long computations belong in
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

    /// True if the calling thread is the loop's thread.
    public var isOnLoop: Bool { jobs.isOnLoop }

    public func checkIsolated() {
        precondition(isOnLoop, "called from outside the event loop that owns this object")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isOnLoop
    }
}
