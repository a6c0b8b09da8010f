import Testing

/// Lines that handlers write and tests read.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class Notes: @unchecked Sendable {
    private(set) var all: [String] = []

    func add(_ line: String) {
        all.append(line)
    }
}

/// Waits until `condition` holds, for as long as a minute of the test's own time.
nonisolated(nonsending) func eventually(
    _ condition: () async throws -> Bool, within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let machine = TestMachine.current
    let deadline = machine.now + limit
    while !(try await condition()) {
        try #require(machine.now < deadline, "nothing came of it in time", sourceLocation: sourceLocation)
        await machine.wait(.milliseconds(2))
    }
}
