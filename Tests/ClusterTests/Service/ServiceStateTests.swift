import Testing
import Transport

@testable import Cluster

@Suite("The state of a service for its manager")
struct ServiceStateTests {
    private struct Problem: Error, CustomStringConvertible {
        let description = "no\nport"
    }

    private static func port(_ port: UInt16) throws -> SocketAddress {
        try SocketAddress.resolve(host: "127.0.0.1", port: port)[0]
    }

    private func send(_ reports: [ProcessReport], to state: inout ServiceState) -> [ServiceNotification] {
        reports.flatMap { state.received($0, at: .seconds(7)) }
    }

    @Test("a server in one process is ready once, with its addresses")
    func serve() throws {
        var state = ServiceState()
        let reports: [ProcessReport] = [
            .serving(try Self.port(80)), .serving(try SocketAddress(unixPath: "/run/chatd.sock")), .ready(workers: nil),
        ]
        #expect(
            send(reports, to: &state)
                == [.ready(status: "accepts connections on http://localhost:80, unix:/run/chatd.sock")])
        #expect(send([.stopping, .stopping, .stopped], to: &state) == [.stopping])
    }

    @Test("workers are ready together; later the status has the number of those that accept connections")
    func supervise() throws {
        var state = ServiceState()
        let start: [ProcessReport] = [
            .supervisor(.started(slot: 0, pid: 1)), .supervisor(.started(slot: 1, pid: 2)),
            .supervisor(.serving(slot: 1, pid: 2)), .supervisor(.serving(slot: 0, pid: 1)),
            .serving(try Self.port(80)),
            .serving(try Self.port(81)),
        ]
        #expect(send(start, to: &state) == [])
        let addresses = "on http://localhost:80, http://localhost:81"
        let all = "2 workers accept connections \(addresses)"
        #expect(send([.ready(workers: 2)], to: &state) == [.ready(status: all)])
        let end = ProcessReport.supervisor(.ended(slot: 1, pid: 2, .signalled(9), restartDelay: .zero))
        #expect(send([end, end], to: &state) == [.status("1 of 2 workers accept connections \(addresses)")])
        #expect(send([.supervisor(.serving(slot: 1, pid: 3))], to: &state) == [.status(all)])
        #expect(send([.stopping, end, .supervisor(.serving(slot: 1, pid: 4))], to: &state) == [.stopping])
    }

    /// A server with one worker, process 1, that is ready.
    private func ready() throws -> ServiceState {
        var state = ServiceState()
        let reports: [ProcessReport] = [
            .supervisor(.serving(slot: 0, pid: 1)), .serving(try Self.port(80)), .ready(workers: 1),
        ]
        _ = send(reports, to: &state)
        return state
    }

    private static let all = "1 worker accepts connections on http://localhost:80"
    private static let none = "0 of 1 workers accept connections on http://localhost:80"
    private static let reloading = ServiceNotification.reloading(monotonicTime: .seconds(7))

    private func ended(_ pid: Int32) -> ProcessReport {
        .supervisor(.ended(slot: 0, pid: pid, .exited(code: 0), restartDelay: nil))
    }

    @Test("the replacement of the workers is a reload")
    func reload() throws {
        var state = try ready()
        #expect(
            send(
                [
                    .supervisor(.replacing), .supervisor(.serving(slot: 0, pid: 2)), .supervisor(.replaced(slot: 0)),
                    ended(1), .supervisor(.replacementFinished),
                ], to: &state) == [Self.reloading, .ready(status: Self.all)])
    }

    @Test("a failed reload is in the status until the next one")
    func failedReload() throws {
        var state = try ready()
        let failure = ProcessReport.supervisor(
            .replacementAbandoned(slot: 0, reason: "exited with 3", oldStays: true))
        let status = Self.all + "; the last reload failed: the new process of worker 0 exited with 3"
        #expect(send([.supervisor(.replacing), failure], to: &state) == [Self.reloading, .ready(status: status)])
        #expect(
            send([.supervisor(.replacing), .supervisor(.replacementFinished)], to: &state)
                == [Self.reloading, .ready(status: Self.all)])
    }

    @Test("a replacement that dies before the old process has ended counts once")
    func deadReplacement() throws {
        var state = try ready()
        _ = send([.supervisor(.replacing), .supervisor(.serving(slot: 0, pid: 2))], to: &state)
        #expect(send([ended(2)], to: &state) == [.status(Self.none)])
        #expect(send([.supervisor(.serving(slot: 0, pid: 3))], to: &state) == [.status(Self.all)])
        #expect(send([ended(1)], to: &state) == [])
    }

    @Test("a reload during the start does not end the start")
    func earlyReload() throws {
        var state = ServiceState()
        let failure = ProcessReport.supervisor(
            .replacementAbandoned(slot: 0, reason: "exited with 3", oldStays: true))
        let reports: [ProcessReport] = [
            .supervisor(.serving(slot: 0, pid: 1)), .supervisor(.replacing), failure, .supervisor(.replacing),
            .serving(try Self.port(80)),
        ]
        #expect(send(reports, to: &state) == [])
        #expect(send([.ready(workers: 1)], to: &state) == [.ready(status: Self.all)])
        #expect(send([.supervisor(.replacementFinished)], to: &state) == [], "no reload was announced")
    }

    @Test("only the first addresses are listed")
    func manyAddresses() throws {
        var state = ServiceState()
        for port in UInt16(1)...9 { _ = send([.serving(try Self.port(port))], to: &state) }
        let listed = (1...4).map { "http://localhost:\($0)" }.joined(separator: ", ")
        #expect(
            send([.ready(workers: nil)], to: &state) == [.ready(status: "accepts connections on \(listed) and 5 more")])
    }

    @Test("a failed start is a status")
    func failedStart() {
        var state = ServiceState()
        #expect(send([.startFailed(Problem())], to: &state) == [.status("cannot start: no\nport")])
    }
}
