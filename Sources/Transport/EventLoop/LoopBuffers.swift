/// The two buffers that all sockets of a loop share, so that an idle connection owns none.
final class LoopBuffers {
    /// How much one read takes at most.
    static let readSize = 128 * 1024
    /// Segments up to this size are joined into one write.
    static let joinLimit = 16 * 1024

    var input = [UInt8](repeating: 0, count: readSize)
    var output: [UInt8] = []

    init() {
        output.reserveCapacity(64 * 1024)
    }
}
