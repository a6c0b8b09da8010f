import Testing

/// Waits until `condition` holds.
/// - Parameter limit: The maximum time to wait, in the test machine's simulated time.
/// - Throws: The error of a failed requirement if `condition` does not hold in time; any error from `condition`.
nonisolated(nonsending) func eventually(
    _ condition: () async throws -> Bool, within limit: Duration = .seconds(60),
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let machine = TestMachine.current
    let deadline = machine.now + limit
    while !(try await condition()) {
        try #require(machine.now < deadline, "the condition did not hold in time", sourceLocation: sourceLocation)
        await machine.wait(.milliseconds(2))
    }
}
