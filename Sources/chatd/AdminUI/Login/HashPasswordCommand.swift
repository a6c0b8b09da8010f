import Cluster
import Glibc
import Transport

/// `chatd admin hash-password`: prints the hash of a password, for `--admin-ui-password-file`.
enum HashPasswordCommand {
    static let name = "hash-password"

    static let rounds = CommandOption(
        name: "rounds", value: "N", defaultValue: "\(PasswordHash.rounds)",
        help: "hash-password: the rounds of PBKDF2. More make each login and each guess slower.", hasVariable: false)

    /// The length in characters below which a password is warned of.
    private static let shortest = 8

    static func run(_ arguments: [String]) throws(UsageError) -> Never {
        let values = try OptionValues(arguments, of: [rounds], environment: [:])
        let rounds = try values.integer("rounds", in: PasswordHash.acceptedRounds)
        SignalSource.unblock([SIGTERM, SIGINT])
        do throws(PasswordInput.Failure) {
            let password = try PasswordInput.read()
            if String(decoding: password, as: UTF8.self).count < shortest {
                Console.complain(
                    "chatd: warning: the password has fewer than \(shortest) characters, so it is easily guessed")
            }
            Console.print(PasswordHash(of: password, rounds: rounds).description)
        } catch {
            Console.complain("chatd: \(error)")
            exit(ExitCode.usage)
        }
        exit(ExitCode.success)
    }
}
