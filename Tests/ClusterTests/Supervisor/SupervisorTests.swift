import Glibc
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Supervisor: real processes")
struct SupervisorTests {
    @Test("killing all workers leaves neither a process nor a zombie")
    func killsAll() async throws {
        let loop = try EventLoop.start(name: "supervisor")
        defer { loop.stop() }
        let command = WorkerCommandLine(arguments: ["60"])
        let supervisor = Supervisor(
            loop: loop, hub: Hub(loop: loop, store: nil),
            Supervisor.Options(executable: "/bin/sleep", sockets: [[], []], reapsWithoutSignals: true),
            command: { _ in command })
        let started = Mutex<[Int32]>([])
        await supervisor.start { report in
            if case .started(_, let pid) = report { started.withLock { $0.append(pid) } }
        }
        await supervisor.killAll(timeout: .seconds(30))
        let pids = started.withLock { $0 }
        #expect(pids.count >= 2)
        for pid in pids {
            // A zombie still receives signals.
            #expect(kill(pid, 0) == -1 && errno == ESRCH)
        }
        await supervisor.killAll()
    }
}
