import Glibc

/// Limits how many tests run at once, before the tests start.
///
/// By default Swift Testing begins all tests together, and Swift's thread pool runs jobs in the order in which they
/// arrived. So a test that waits is continued only after every other test has begun, which takes a minute or more on a
/// busy machine, and its deadlines pass. With the limit, a test waits only for the few others that have begun.
///
/// A value that is set in the environment has precedence.
@section(".init_array") @used
private let limitTestsAtOnce: @convention(c) () -> Void = {
    let count = 4 * sysconf(CInt(_SC_NPROCESSORS_ONLN))
    setenv("SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH", "\(max(8, count))", 0)
}
