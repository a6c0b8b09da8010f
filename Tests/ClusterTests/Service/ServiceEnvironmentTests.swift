import Testing
import Transport

@testable import Cluster

@Suite("The environment variables of a service manager")
struct ServiceEnvironmentTests {
    private func environment(_ variables: [String: String]) -> ServiceEnvironment {
        ServiceEnvironment(variables, processID: 42)
    }

    @Test("without variables there is no service manager")
    func none() throws {
        let environment = self.environment([:])
        #expect(environment.notifySocket == nil && environment.watchdogTimeout == nil)
        #expect(try environment.socketCount == 0 && !environment.passesSockets)
        #expect(environment.notes.isEmpty)
        #expect(self.environment(["NOTIFY_SOCKET": ""]) == environment)
    }

    @Test("the socket for messages is a path or a name in the abstract namespace", arguments: ["/run/x", "@x"])
    func socket(path: String) throws {
        #expect(environment(["NOTIFY_SOCKET": path]).notifySocket?.unixPath == path)
    }

    @Test("another socket for messages is ignored with a note", arguments: ["x", "vsock:2:1", "@"])
    func otherSocket(path: String) {
        let environment = self.environment(["NOTIFY_SOCKET": path])
        #expect(environment.notifySocket == nil && environment.notes.count == 1)
    }

    @Test(
        "the watchdog counts if it is for this process or for none in particular",
        arguments: [
            ("3000000", nil, 3000), ("3000000", "42", 3000), ("3000000", "41", nil), ("3000000", "", nil),
            ("0", nil, nil), ("-1", nil, nil), ("x", nil, nil), ("9999999999999999999", nil, nil),
        ] as [(String, String?, Int?)])
    func watchdog(time: String, process: String?, milliseconds: Int?) throws {
        let timeout = environment(["WATCHDOG_USEC": time, "WATCHDOG_PID": process].compactMapValues { $0 })
            .watchdogTimeout
        #expect(timeout == milliseconds.map { .milliseconds($0) })
    }

    @Test(
        "sockets count if they are for this process",
        arguments: [
            ("42", "2", 2), ("42", "0", 0), ("41", "2", 0), (nil, "2", 0), ("42", nil, 0), ("042", "2", 0),
            ("41", "x", 0),
        ] as [(String?, String?, Int)])
    func sockets(process: String?, count: String?, expected: Int) throws {
        let variables = ["LISTEN_PID": process, "LISTEN_FDS": count].compactMapValues { $0 }
        let environment = self.environment(variables)
        #expect(try environment.socketCount == expected)
        #expect(environment.passesSockets == (expected > 0))
    }

    @Test("an invalid number of sockets is refused", arguments: ["-1", "x", "", "1025", "1 ", "99999999999999999999"])
    func refused(count: String) {
        let environment = self.environment(["LISTEN_PID": "42", "LISTEN_FDS": count])
        #expect(throws: ServiceError.self) { try environment.socketCount }
        #expect(environment.passesSockets)
    }
}
