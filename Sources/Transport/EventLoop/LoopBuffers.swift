/// The read and write buffers shared by all sockets of a loop, so that an idle connection owns none.
final class LoopBuffers {
    /// Segments up to this size are joined into one write.
    static let joinLimit = 16 * 1024

    var input: [UInt8]
    var output: [UInt8] = []

    /// - Parameter readSize: the size of the read buffer in bytes.
    init(readSize: Int) {
        input = [UInt8](repeating: 0, count: readSize)
        output.reserveCapacity(64 * 1024)
    }
}
