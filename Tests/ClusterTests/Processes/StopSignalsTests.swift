import Glibc
import Testing
import Transport

@testable import Cluster

/// Each test runs in a process of its own, because signals concern the whole process.
@Suite("Signals that stop a program")
struct StopSignalsTests {
    @Test("a signal cancels the work, whose error is passed on")
    func cancels() async {
        await #expect(processExitsWith: .success) {
            for signal in [SIGTERM, SIGINT, SIGTERM] {
                await #expect(throws: CancellationError.self) {
                    try await withStopSignals {
                        kill(getpid(), signal)
                        try await Task.sleep(for: .seconds(60))
                    }
                }
            }
            let result = try await withStopSignals { 7 }
            #expect(result == 7)
        }
    }

    @Test("each wait has its own signals")
    func several() async {
        await #expect(processExitsWith: .success) {
            try await withStopSignals([SIGUSR1]) {
                await #expect(throws: CancellationError.self) {
                    try await withStopSignals([SIGUSR2]) {
                        kill(getpid(), SIGUSR2)
                        try await Task.sleep(for: .seconds(60))
                    }
                }
                #expect(!Task.isCancelled)
            }
        }
    }

    @Test("the second signal ends the process")
    func second() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            try await withStopSignals {
                kill(getpid(), SIGTERM)
                while !Task.isCancelled { await Task.yield() }
                kill(getpid(), SIGTERM)
                pause()
            }
        }
    }

    @Test("afterwards a signal does what it did before")
    func restored() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            try await withStopSignals {}
            kill(getpid(), SIGTERM)
            pause()
        }
    }

    @Test("one of the other signals ends the process, too")
    func secondOfAnotherKind() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            try await withStopSignals {
                kill(getpid(), SIGINT)
                while !Task.isCancelled { await Task.yield() }
                kill(getpid(), SIGTERM)
                pause()
            }
        }
    }

    @Test("an ignored signal stays ignored")
    func ignored() async {
        await #expect(processExitsWith: .success) {
            signal(SIGINT, SIG_IGN)
            let isCancelled = try await withStopSignals {
                #expect(SignalSource.isIgnored(SIGINT) && !SignalSource.isIgnored(SIGTERM))
                kill(getpid(), SIGINT)
                try await withStopSignals([SIGUSR1]) {
                    kill(getpid(), SIGUSR1)
                    while !Task.isCancelled { await Task.yield() }
                }
                return Task.isCancelled
            }
            #expect(!isCancelled)
        }
    }

    @Test("cancelling the caller cancels the work")
    func callerCancelled() async {
        await #expect(processExitsWith: .success) {
            let task = Task {
                try await withStopSignals { try await Task.sleep(for: .seconds(60)) }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
