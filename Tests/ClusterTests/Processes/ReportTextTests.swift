import Cluster
import Persistence
import Testing
import Transport

@Suite("Reports: their text for the operator")
struct ReportTextTests {
    @Test("a worker's end says when its replacement starts, if there is one")
    func workerEnd() {
        let end = ProcessEnd.signalled(9)
        let replaced = Supervisor.Report.ended(slot: 2, pid: 41, end, restartDelay: .milliseconds(250))
        let last = Supervisor.Report.ended(slot: 2, pid: 41, end, restartDelay: nil)
        #expect("\(replaced)" == "worker 2, process 41, \(end), its replacement starts in 250 ms")
        #expect("\(last)" == "worker 2, process 41, \(end)")
    }

    @Test("a failed start says when the next attempt follows")
    func failedStart() {
        let error = SystemError("posix_spawn", code: 2)
        let report = Supervisor.Report.cannotStart(slot: 0, error, retryDelay: .seconds(1))
        #expect("\(report)" == "error: worker 0 cannot be started: \(error), next attempt in 1000 ms")
    }

    @Test("a failure that ends the store precedes the report of its loss")
    func precedingLoss() {
        let lost = StoreError.superseded(path: "chat.db")
        #expect(Hub.Report.groupFailed(count: 1, lost).precedesLoss && Hub.Report.pollFailed(lost).precedesLoss)
        #expect(!Hub.Report.groupFailed(count: 1, .closed).precedesLoss)
        #expect(!Hub.Report.storeLost(lost).precedesLoss)
    }
}
