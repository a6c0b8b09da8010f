/// The read and write buffers of a loop. Its sockets and pipes share them, so that an idle connection owns none.
final class LoopBuffers {
    /// Segments smaller than this, in bytes, are joined into one write.
    static let joinLimit = 16 * 1024

    var input: [UInt8]
    var output: [UInt8] = []

    /// - Parameter readSize: the size of the read buffer in bytes.
    init(readSize: Int) {
        input = [UInt8](repeating: 0, count: readSize)
        output.reserveCapacity(64 * 1024)
    }
}
