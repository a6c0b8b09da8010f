import Transport

/// A file that is sent while it is read. A separate loop reads the disk, so that the server's loop does not block.
final class FileBody: HTTPBodySource {
    /// The size of one read, in bytes.
    static let pieceSize = 64 << 10

    private let file: OpenFile
    private let loop: EventLoop
    private let disk: EventLoop
    private var offset = 0

    var count: Int { file.size }

    /// - Parameters:
    ///   - loop: the server's loop.
    ///   - disk: a loop with its own thread.
    init(_ file: OpenFile, loop: EventLoop, disk: EventLoop) {
        self.file = file
        self.loop = loop
        self.disk = disk
    }

    func readPiece(_ completion: @escaping ([UInt8]?) -> Void) {
        let (start, size) = (offset, min(Self.pieceSize, file.size - offset))
        offset += size
        let bound = LoopBound(completion, to: loop)
        disk.execute { [file, loop] in
            let piece = file.read(from: start, count: size)
            loop.execute { bound.value(piece) }
        }
    }
}
