import Glibc

/// How long a stop may take.
enum StopLimit {
    private static let timeout = Duration.milliseconds(4500)

    /// Ends the process in time without waiting for what is left. Nothing acknowledged is lost by it.
    static func start() {
        Task {
            try? await Task.sleep(for: timeout)
            Console.log("stopped without waiting for what is left")
            exit(ExitCode.success)
        }
    }
}
