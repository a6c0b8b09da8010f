/// The two buffers that all sockets of a loop share, so that an idle connection owns none.
final class LoopBuffers {
    /// Segments up to this size are joined into one write.
    static let joinLimit = 16 * 1024

    var input: [UInt8]
    var output: [UInt8] = []

    /// - Parameter readSize: how much one read takes.
    init(readSize: Int) {
        input = [UInt8](repeating: 0, count: readSize)
        output.reserveCapacity(64 * 1024)
    }
}
