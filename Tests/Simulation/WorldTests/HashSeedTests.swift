import Glibc
import Testing

/// Each process orders sets and dictionaries in its own way, so whatever depends on that shows when two of them are compared.
///
/// Not started by Foundation's `Process`: its `run()` reads behind the buffer of `readdir` when the process has about 1 365
/// descriptors or more open, and now and then crashes there.
@Suite("Simulated servers in processes of their own")
struct HashSeedTests {
    @Test("two processes with different hash seeds print the same trace", arguments: [1, 2, 3, 4, 5])
    func traces(seed: Int) throws {
        let first = try replay(seed)
        #expect(first.count > 50)
        #expect(first == (try replay(seed)))
    }

    /// - Returns: the lines of a seed's trace.
    private func replay(_ seed: Int) throws -> [Substring] {
        // Beside the tests' own executable.
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
        // The last line has the time it took.
        return String(decoding: trace, as: UTF8.self).split(separator: "\n").dropLast()
    }
}
