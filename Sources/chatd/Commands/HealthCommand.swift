import Cluster
import Glibc

/// `chatd health`: checks that a server answers, for containers without a shell.
enum HealthCommand {
    static func run(_ options: HealthOptions) -> Never {
        do {
            try HealthCheck(of: options.target, timeout: options.timeout).run()
            exit(ExitCode.success)
        } catch {
            Console.complain("chatd: \(options.target) is not healthy: \(error)")
            exit(ExitCode.unhealthy)
        }
    }
}
