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
        directory = try TemporaryDirectory([
            "chat.conf": "port = 81\nmax-auth = 1\nallowed-hosts = a.example\n", "keys": Self.firstKey,
        ])
    }

    private static let firstKey = String(repeating: "a", count: 32) + "\n"
    private static let secondKey = String(repeating: "b", count: 32) + "\n"

    private func write(_ text: String, to path: String? = nil) throws {
        let file = try #require(fopen(path ?? self.path, "w"))
        fputs(text, file)
        fclose(file)
    }

    private func configuration(
        _ arguments: [String] = [], startedWith options: SuperviseOptions? = nil
    ) throws -> RunningConfiguration {
        let path = path
        let read = { @Sendable () throws(UsageError) in
            try SuperviseOptions.values(["--config", path] + arguments, environment: ["CHATD_MAX_PAYLOAD": "9"])
        }
        return try RunningConfiguration(options ?? SuperviseOptions(read()), opensSockets: true, readValues: read)
    }

    /// What the next worker gets.
    private func settings(_ configuration: RunningConfiguration) throws -> WorkerSettings {
        let file = configuration.settings
        // `read` closes the descriptor.
        let copy = withExtendedLifetime(file) { dup(file.descriptor) }
        return try WorkerSettings(decoding: try MemoryFile.read(inherited: copy))
    }

    private func passed(_ configuration: RunningConfiguration) throws -> [String: String] {
        try settings(configuration).values
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
            SuperviseOptions([], environment: [:]), opensSockets: true
        ) { () throws(UsageError) in throw UsageError(description: "read again") }
        #expect(try configuration.reload() == nil)
    }

    @Test("workers get the keys that this process has read; a new reading replaces them, and an invalid one does not")
    func keys() throws {
        let keys = directory.path + "/keys"
        let arguments = ["--auth", "token", "--auth-keys", keys]
        let configuration = try configuration(arguments)
        try write(Self.secondKey, to: keys)
        #expect(try settings(configuration).keys == Self.firstKey)
        let change = try #require(try configuration.reload())
        #expect(change.keysFile == keys && change.changed.isEmpty)
        #expect(LogReports.lines(about: change).contains("read \(keys) again: the keys of tokens have changed"))
        #expect(try settings(configuration).keys == Self.secondKey)
        #expect(try configuration.reload()?.keysFile == nil)
        try write("short\n", to: keys)
        #expect(throws: UsageError.self) { try configuration.reload() }
        let passed = try settings(configuration)
        #expect(passed.keys == Self.secondKey)
        // A worker that starts now uses them, and does not read the file.
        let worker = try ServeOptions(OptionValues(passed: passed, of: ServeOptions.declarations))
        #expect(worker.tokenKeys?.text == Self.secondKey)
    }

    @Test("workers get the last known bans while their file cannot be read, also after a new reading of the options")
    func bans() throws {
        let path = directory.path + "/bans"
        let line = #"{"target":"user:ada","until":9000000000000}"# + "\n"
        try write(line + "damaged\n", to: path)
        let arguments = ["--bans", path]
        let options = try SuperviseOptions(
            SuperviseOptions.values(["--config", self.path] + arguments, environment: [:]))
        _ = try options.serve.readBans()
        let configuration = try configuration(arguments, startedWith: options)
        #expect(try settings(configuration).bans == nil)
        #expect(rename(path, path + ".old") == 0 && mkdir(path, 0o700) == 0)
        try write("max-auth = 2\n")
        #expect(try configuration.reload() != nil)
        let passed = try settings(configuration)
        #expect(passed.bans == line)
        let worker = try ServeOptions(OptionValues(passed: passed, of: ServeOptions.declarations))
        let bans = try #require(worker.moderation?.bans)
        try bans.start()
        #expect(bans.list.validLines == line)
        #expect(rmdir(path) == 0)
        #expect(try settings(configuration).bans == nil)
    }

    @Test("the keys are read again also without a configuration file")
    func keysAlone() throws {
        let keys = directory.path + "/keys"
        let read = { @Sendable () throws(UsageError) in
            try SuperviseOptions.values(["--auth", "token", "--auth-keys", keys], environment: [:])
        }
        let configuration = try RunningConfiguration(SuperviseOptions(read()), opensSockets: true, readValues: read)
        try write(Self.secondKey, to: keys)
        let change = try #require(try configuration.reload())
        #expect(LogReports.lines(about: change).first == "read \(keys) again: the keys of tokens have changed")
    }
}
