import CLinux
import Glibc

/// Pipes: non-blocking, and closed on `exec`.
extension LinuxMachine {
    package func makePipe(capacity: Int) throws(SystemError) -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw SystemError("pipe2") }
        _ = clinux_pipe_capacity(ends[1], CInt(clamping: capacity))
        return (ends[0], ends[1])
    }

    package func adoptPipes(reading: CInt, writing: CInt, capacity: Int) -> Int {
        // Writing to a pipe without a reader must fail with `EPIPE`, not end the process.
        signal(SIGPIPE, SIG_IGN)
        return Int(clinux_pipe_capacity(reading, CInt(clamping: capacity)))
    }

    package func read(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        Self.transfer("read") { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> IOResult {
        Self.transfer("write") { Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
    }
}
