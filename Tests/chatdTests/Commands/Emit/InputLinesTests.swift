import Glibc
import Testing

@testable import chatd

@Suite("Lines of a descriptor")
struct InputLinesTests {
    /// The reading end of a pipe that contains these bytes.
    private func pipe(_ text: String) -> CInt {
        var ends: [CInt] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        // A process that another test starts must not inherit it: it would be another writer.
        #expect(fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0)
        let bytes = Array(text.utf8)
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        Glibc.close(ends[1])
        return ends[0]
    }

    private func lines(of text: String, limit: Int = InputLines.limit) throws -> [String] {
        let descriptor = pipe(text)
        defer { Glibc.close(descriptor) }
        var input = InputLines(descriptor, limit: limit)
        var lines: [String] = []
        while let line = try input.next() {
            lines.append(String(decoding: line, as: UTF8.self))
            #expect(input.number == lines.count)
        }
        return lines
    }

    @Test("lines end with line feeds, the last one perhaps with the input")
    func lines() throws {
        #expect(try lines(of: "") == [])
        #expect(try lines(of: "a") == ["a"])
        #expect(try lines(of: "a\n\nbc\n") == ["a", "", "bc"])
        #expect(try lines(of: "a\nb") == ["a", "b"])
    }

    @Test("a line that is too long is refused")
    func tooLong() throws {
        #expect(try lines(of: "abc\n", limit: 3) == ["abc"])
        let error = InputLines.Failure(description: "line 2 has more than 3 bytes")
        #expect(throws: error) { _ = try lines(of: "a\nabcd", limit: 3) }
    }

    @Test("a descriptor that cannot be read is an error")
    func unreadable() {
        var input = InputLines(-1)
        #expect(throws: InputLines.Failure.self) { _ = try input.next() }
    }
}
