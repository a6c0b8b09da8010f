import Glibc
import TestSupport
import Testing
import Transport

@testable import chatd

@Suite("Running configuration: the file is read again")
struct RunningConfigurationTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/chat.conf" }

    init() throws {
        directory = try TemporaryDirectory(["chat.conf": "port = 81\nmax-auth = 1\nallowed-hosts = a.example\n"])
    }

    private func write(_ text: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }

    private func configuration(_ arguments: [String] = []) throws -> RunningConfiguration {
        let path = path
        let read = { @Sendable () throws(UsageError) in
            try SuperviseOptions.values(["--config", path] + arguments, environment: ["CHATD_MAX_PAYLOAD": "9"])
        }
        return try RunningConfiguration(try read(), opensSockets: true, readValues: read)
    }

    /// The values of the next worker.
    private func passed(_ configuration: RunningConfiguration) throws -> [String: String] {
        // `read` closes the descriptor.
        let copy = dup(configuration.settings.descriptor)
        return try WorkerSettings.decode(try MemoryFile.read(inherited: copy))
    }

    @Test("workers get every explicit value of serve, and not the name of the file")
    func start() throws {
        let configuration = try configuration(["--workers", "2", "--web-root="])
        #expect(
            try passed(configuration)
                == ["port": "81", "max-auth": "1", "allowed-hosts": "a.example", "max-payload": "9", "web-root": ""])
    }

    @Test("workers get new values, except of options that need a restart, which are named")
    func reload() throws {
        let configuration = try configuration(["--max-auth", "5"])
        try write("port = 82\nmax-auth = 2\nworkers = 7\nallowed-hosts = b.example\n")
        let change = try #require(try configuration.reload())
        #expect(change.changed == ["allowed-hosts"] && change.needRestart == ["workers", "port"])
        #expect(
            try passed(configuration)
                == ["port": "81", "max-auth": "5", "allowed-hosts": "b.example", "max-payload": "9"])
        #expect(try configuration.reload()?.changed == [])
        #expect(
            LogReports.lines(about: change) == [
                "read \(path) again: new values of allowed-hosts",
                "warning: new values of workers, port in \(path) need a restart and are not in force",
            ])
    }

    @Test(
        "an invalid file changes nothing",
        arguments: [
            "allowed-hosts = b.example\nport = x", "allowed-hosts = b.example\nx", "max-payload = 2\nmax-auth = -1",
            "web-root = /nowhere", "db = :memory:",
        ])
    func invalid(text: String) throws {
        let configuration = try configuration()
        let before = try passed(configuration)
        try write(text)
        #expect(throws: (any Error).self) { try configuration.reload() }
        #expect(try passed(configuration) == before)
        #expect(unlink(path) == 0)
        #expect(throws: UsageError.self) { try configuration.reload() }
        #expect(try passed(configuration) == before)
    }

    @Test("without a file nothing is read")
    func noFile() throws {
        let configuration = try RunningConfiguration(
            SuperviseOptions.values([], environment: [:]), opensSockets: true
        ) { () throws(UsageError) in throw UsageError(description: "read again") }
        #expect(try configuration.reload() == nil)
    }
}
