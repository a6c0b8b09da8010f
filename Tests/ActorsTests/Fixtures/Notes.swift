/// A list of lines that handlers write and tests read.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class Notes: @unchecked Sendable {
    private(set) var all: [String] = []

    func add(_ line: String) {
        all.append(line)
    }
}
