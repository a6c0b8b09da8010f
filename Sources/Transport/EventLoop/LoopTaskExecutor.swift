/// Keeps tasks on a loop where they are in no actor's isolation: resumed continuations and nonisolated functions would take a
/// detour through another thread.
///
/// It is an object of its own because the runtime is slow with one that is an actor's executor as well.
final class LoopTaskExecutor: TaskExecutor {
    private let jobs: JobQueue

    init(_ jobs: JobQueue) {
        self.jobs = jobs
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(.task(UnownedJob(job)))
    }
}
