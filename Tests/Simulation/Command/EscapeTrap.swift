import CTaskHooks
import Glibc

/// Ends the command when work leaves the driven loops for the global executor: there it would run on another thread, and a
/// seed would not be the same run twice.
///
/// Not for `swift test`, whose own tasks belong there.
enum EscapeTrap {
    static func install() {
        let trap: taskhooks_hook = {
            print("work has left the driven loops")
            exit(1)
        }
        swift_task_enqueueGlobal_hook = trap
        swift_task_enqueueGlobalWithDelay_hook = trap
    }
}
