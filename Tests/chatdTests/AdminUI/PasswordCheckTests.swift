import Synchronization
import Testing

@testable import chatd

@Suite("Password checks outside the loop")
struct PasswordCheckTests {
    /// How many checks run, and the most that ran at the same time.
    final class Running: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var now: Int { counts.withLock { $0.now } }
        var most: Int { counts.withLock { $0.most } }

        func begin() {
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }

        func end() { counts.withLock { $0.now -= 1 } }
    }

    @Test("they run one after the other")
    func oneAtATime() async {
        let running = Running()
        let check = PasswordCheck { name, _ in
            running.begin()
            // Gives a second check the time to begin. There is none.
            let end = ContinuousClock.now + .milliseconds(100)
            while running.now < 2, ContinuousClock.now < end {}
            running.end()
            return name == "ada"
        }
        let results = await withTaskGroup(of: Bool?.self) { group in
            for name in ["ada", "bob", "ada"] {
                group.addTask { try? await check.isRight(name: name, password: []) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.filter { $0 == true }.count == 2 && results.contains(false) && !results.contains(nil))
        #expect(running.most == 1)
    }
}
