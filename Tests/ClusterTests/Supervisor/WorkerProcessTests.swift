import Foundation
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Worker process: from its start to its end")
struct WorkerProcessTests {
    /// Runs a shell script with the descriptors of a worker.
    /// - Returns: the text that it wrote to its link, and how it ended.
    private func run(_ script: String, sockets: [ListeningSocket] = []) async throws -> (String, ProcessEnd) {
        let (ours, theirs) = try PipePair.makeEnds()
        let process = try WorkerProcess(
            executable: "/bin/sh", command: WorkerCommandLine(arguments: ["-c", script]), link: theirs,
            sockets: sockets)
        theirs.close()
        defer { ours.close() }
        var text: [UInt8] = []
        var end: ProcessEnd?
        try await eventually {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(ours.reading, &buffer, buffer.count)
            if count > 0 { text += buffer.prefix(count) }
            if end == nil { end = process.reap() }
            return end != nil && count == 0
        }
        return (String(decoding: text, as: UTF8.self), try #require(end))
    }

    @Test("a worker inherits its link and its sockets under fixed numbers, and no other descriptor")
    func descriptors() async throws {
        let (sockets, _) = try ListeningSocket.bind(host: "127.0.0.1", port: 0)
        defer { for socket in sockets { socket.close() } }
        let (text, end) = try await run("exec 9>&4; ls -l /proc/self/fd >&9 2>&9", sockets: sockets)
        let kinds = text.split(separator: "\n").compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard let arrow = words.firstIndex(of: "->"), let number = Int(words[arrow - 1]), number > 2 else {
                return nil
            }
            return "\(number) \(words[arrow + 1].prefix { $0 != ":" })"
        }
        #expect(end == .exited(code: 0))
        // `ls` itself has descriptor 9, and one for the directory.
        #expect(kinds.filter { !$0.contains("/") } == ["3 pipe", "4 pipe", "5 socket", "9 pipe"])
    }

    @Test("the socket for passing connections comes before the listening sockets")
    func passingDescriptor() async throws {
        let machine = LinuxMachine.shared
        let (near, far) = try machine.makeSocketPair()
        defer { for end in [near, far] { machine.close(end) } }
        let (ours, theirs) = try PipePair.makeEnds()
        let process = try WorkerProcess(
            executable: "/bin/sh", command: WorkerCommandLine(arguments: ["-c", "readlink /proc/$$/fd/5 >&4"]),
            link: theirs, passing: far, sockets: [])
        theirs.close()
        defer { ours.close() }
        try await eventually { process.reap() != nil }
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = read(ours.reading, &buffer, buffer.count)
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).hasPrefix("socket:"))
    }

    @Test("the supervisor's signals are blocked in a worker, and all others have their default state")
    func signals() async throws {
        let (text, _) = try await run("while read line; do echo $line; done </proc/$$/status >&4")
        let blocked = [SIGHUP, SIGINT, SIGUSR1, SIGTERM].reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }
        let masks = ["SigBlk:", "SigIgn:"].map { name in
            text.split(separator: "\n").first { $0.hasPrefix(name) }.flatMap { UInt64($0.dropFirst(8), radix: 16) }
                // Ignore the real-time signals: the C library reserves two of them.
                .map { $0 & 0x7FFF_FFFF }
        }
        #expect(masks == [blocked, 0])
    }

    @Test(
        "the end of a process is reported with its exit code or signal",
        arguments: [("exit 7", ProcessEnd.exited(code: 7)), ("kill -9 $$", .signalled(9))])
    func ends(script: String, end: ProcessEnd) async throws {
        #expect(try await run(script).1 == end)
    }

    @Test("a failure to start is an error that names the system call")
    func cannotStart() throws {
        let (ours, theirs) = try PipePair.makeEnds()
        defer {
            ours.close()
            theirs.close()
        }
        #expect(throws: SystemError("posix_spawn", code: ENOENT)) {
            try WorkerProcess(
                executable: "/nowhere/chatd", command: WorkerCommandLine(arguments: []), link: theirs, sockets: [])
        }
    }

    @Test("the path of the program is the one by which it was started, if that is its file")
    func executablePath() throws {
        let directory = try TemporaryDirectory([:])
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let link = directory.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: own)
        #expect(WorkerProcess.executablePath(invokedAs: link, searching: "") == link)
        #expect(WorkerProcess.executablePath(invokedAs: "link", searching: "/none:\(directory.path)") == link)
        #expect(WorkerProcess.executablePath(invokedAs: "link", searching: "/none") == nil)
        #expect(WorkerProcess.executablePath(invokedAs: "/bin/sh", searching: "") == nil, "another file")
        #expect(WorkerProcess.executablePath(invokedAs: "", searching: directory.path) == nil)
    }
}
