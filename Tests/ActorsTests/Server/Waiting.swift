import Synchronization
import Testing

/// Lines that are written on one thread and read on another.
final class Notes: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}

/// Waits until `condition` holds.
func eventually(
    _ condition: () async throws -> Bool, within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = ContinuousClock.now + limit
    while !(try await condition()) {
        try #require(ContinuousClock.now < deadline, "nothing came of it in time", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(2))
    }
}
