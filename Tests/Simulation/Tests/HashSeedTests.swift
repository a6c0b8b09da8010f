import Foundation
import Testing

/// Each process orders sets and dictionaries in its own way, so whatever depends on that shows when two of them are compared.
@Suite("Simulated clusters in processes of their own")
struct HashSeedTests {
    @Test("two processes with different hash seeds print the same trace", arguments: [1, 2, 3, 4, 5])
    func traces(seed: Int) throws {
        let first = try replay(seed)
        #expect(first.count > 10_000)
        #expect(first == (try replay(seed)))
    }

    private func replay(_ seed: Int) throws -> Data {
        let process = Process()
        // Beside the tests' own executable.
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("simulate")
        process.arguments = ["--replay", "\(seed)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}
