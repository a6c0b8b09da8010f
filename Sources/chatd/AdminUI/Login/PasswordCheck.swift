import Synchronization

/// Checks passwords outside the loop, one after the other.
final class PasswordCheck: Sendable {
    /// The most checks that wait. Each takes more than half a second.
    static let maxWaiting = 4

    /// Too many checks wait.
    struct Busy: Error {}

    /// Its isolation makes one check follow the other.
    private actor Derivation {
        func isRight(_ name: String, _ password: [UInt8], _ matches: Matching) -> Bool {
            matches(name, password)
        }
    }

    /// Compares a name and a password with those of the account. It blocks the thread.
    typealias Matching = @Sendable (_ name: String, _ password: [UInt8]) -> Bool

    private let matches: Matching
    private let derivation = Derivation()
    private let open = Mutex(0)

    convenience init(_ account: AdminUIAccount) {
        self.init { account.matches(name: $0, password: $1) }
    }

    init(matching matches: @escaping Matching) {
        self.matches = matches
    }

    /// - Throws: ``Busy`` at once, if too many others wait.
    func isRight(name: String, password: [UInt8]) async throws(Busy) -> Bool {
        let isAccepted = open.withLock { open in
            guard open <= Self.maxWaiting else { return false }
            open += 1
            return true
        }
        guard isAccepted else { throw Busy() }
        defer { open.withLock { $0 -= 1 } }
        return await withTaskExecutorPreference(globalConcurrentExecutor) {
            await derivation.isRight(name, password, matches)
        }
    }
}
