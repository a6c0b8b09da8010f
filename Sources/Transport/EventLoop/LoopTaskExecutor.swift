/// Keeps tasks on the loop while they run outside of actors. Without it, resumed continuations and nonisolated
/// functions would run on another thread.
///
/// A separate object, because the runtime is slow if one object is both a task executor and the executor of an actor.
final class LoopTaskExecutor: TaskExecutor {
    private let jobs: JobQueue

    init(_ jobs: JobQueue) {
        self.jobs = jobs
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(.task(UnownedJob(job)))
    }
}
