import Glibc
import Testing

@testable import Transport

@Suite("Memory file: bytes for child processes")
struct MemoryFileTests {
    @Test("several processes can read the same bytes from the start", arguments: [0, 1, 100_000])
    func read(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let file = try MemoryFile(bytes)
        for _ in 0..<2 { #expect(try MemoryFile.read(inherited: dup(file.descriptor)) == bytes) }
    }

    @Test("nobody can change the bytes")
    func sealed() throws {
        let file = try MemoryFile([1, 2, 3])
        #expect(pwrite(file.descriptor, [9], 1, 0) == -1 && errno == EPERM)
        #expect(ftruncate(file.descriptor, 1) == -1)
    }

    @Test("a program that is executed does not inherit the descriptor")
    func closes() throws {
        let file = try MemoryFile([1])
        #expect(fcntl(file.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test("too many bytes are refused, and so is a descriptor that is not open")
    func refuses() {
        #expect(throws: SystemError("write", code: EFBIG)) {
            try MemoryFile([UInt8](repeating: 0, count: MemoryFile.maxBytes + 1))
        }
        #expect(throws: SystemError("pread", code: EBADF)) { try MemoryFile.read(inherited: -1) }
    }
}
