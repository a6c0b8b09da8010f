/// Waits until `condition` is true.
///
/// - Throws: ``DeadlineExceeded`` when it is still false after `limit`.
package nonisolated(nonsending) func eventually(
    _ condition: () async throws -> Bool, within limit: Duration = .seconds(60), file: String = #fileID,
    line: Int = #line
) async throws {
    let deadline = ContinuousClock.now + limit
    while !(try await condition()) {
        guard ContinuousClock.now < deadline else { throw DeadlineExceeded(place: "\(file):\(line)", limit: limit) }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// A condition stayed false for too long.
package struct DeadlineExceeded: Error, CustomStringConvertible {
    let place: String
    let limit: Duration

    package var description: String { "\(place): the condition was not met within \(limit)" }
}
