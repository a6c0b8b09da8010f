import Glibc
import Testing

/// Each process orders sets and dictionaries differently. Comparing two processes therefore reveals code that depends
/// on that order.
///
/// The test does not use Foundation's `Process`, whose `run()` reads beyond the buffer of `readdir` when the process
/// has about 1 365 descriptors or more open, and sometimes crashes.
@Suite("Simulated servers in separate processes")
struct HashSeedTests {
    @Test("two processes with different hash seeds print the same trace", arguments: [1, 2, 3, 4, 5])
    func traces(seed: Int) throws {
        let first = try replay(seed)
        #expect(first.count > 50)
        #expect(first == (try replay(seed)))
    }

    /// - Returns: the lines of a seed's trace and the step counts.
    private func replay(_ seed: Int) throws -> [Substring] {
        // The command is in the folder of the test executable.
        let tests = try #require(realpath("/proc/self/exe", nil))
        defer { free(tests) }
        let folder = String(cString: tests).split(separator: "/").dropLast().joined(separator: "/")
        let output = try #require(popen("exec '/\(folder)/simulate' \(seed) 1 --small --trace", "re"))
        var trace: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = fread(buffer.baseAddress, 1, buffer.count, output)
            }
            guard !piece.isEmpty else { break }
            trace += piece
        }
        try #require(pclose(output) == 0)
        // Drop the last line: it contains the elapsed time.
        return String(decoding: trace, as: UTF8.self).split(separator: "\n").dropLast()
    }
}
