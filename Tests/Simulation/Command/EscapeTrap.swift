import CTaskHooks
import Glibc

/// Ends the command when a task leaves the driven loops for Swift's global executor. There it would run on another
/// thread, and a seed would no longer replay.
///
/// Not for `swift test`, whose own tasks use the global executor.
enum EscapeTrap {
    static func install() {
        let trap: taskhooks_hook = {
            print("a task has left the driven loops for the global executor")
            exit(1)
        }
        swift_task_enqueueGlobal_hook = trap
        swift_task_enqueueGlobalWithDelay_hook = trap
    }
}
