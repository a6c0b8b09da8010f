import Glibc

/// Ends the command when work leaves the driven loops for the global executor: there it would run on another thread, and a seed
/// would not be the same run twice.
///
/// Not for `swift test`, whose own tasks belong there.
enum EscapeTrap {
    /// The runtime calls its hooks with two or more words, and the one below never returns, so it needs none of them.
    private typealias Hook = @convention(c) () -> Void

    static func install() {
        for name in ["swift_task_enqueueGlobal_hook", "swift_task_enqueueGlobalWithDelay_hook"] {
            // A runtime that is linked statically shows none: then nothing is trapped.
            guard let symbol = dlsym(nil, name) else { continue }
            symbol.assumingMemoryBound(to: Hook?.self).pointee = { fatalError("work has left the driven loops") }
        }
    }
}
