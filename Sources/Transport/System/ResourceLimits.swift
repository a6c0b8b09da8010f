import Glibc

/// What the system lets this process use.
package enum ResourceLimits {
    /// Allows as many descriptors as this process may allow itself. Each connection takes one, and what a shell allows at
    /// first is far below.
    package static func raiseDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
