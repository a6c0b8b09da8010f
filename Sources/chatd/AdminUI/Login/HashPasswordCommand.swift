import Cluster
import Glibc
import Transport

/// `chatd admin hash-password`: prints the hash of a password, for `--admin-ui-password-file`.
enum HashPasswordCommand {
    static let name = "hash-password"

    static let rounds = CommandOption(
        name: "rounds", value: "N", defaultValue: "\(PasswordHash.rounds)",
        help: "hash-password: the rounds of PBKDF2. More make each login and each guess slower.", hasVariable: false)

    static func run(_ arguments: [String]) throws(UsageError) -> Never {
        let values = try OptionValues(arguments, of: [rounds], environment: [:])
        let rounds = try values.integer("rounds", in: PasswordHash.acceptedRounds)
        SignalSource.unblock([SIGTERM, SIGINT])
        do throws(PasswordInput.Failure) {
            Console.print(PasswordHash(of: try PasswordInput.read(), rounds: rounds).description)
        } catch {
            Console.complain("chatd: \(error)")
            exit(ExitCode.usage)
        }
        exit(ExitCode.success)
    }
}
