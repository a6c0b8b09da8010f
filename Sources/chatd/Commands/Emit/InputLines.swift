import Glibc

/// The lines of a descriptor. Reading waits for the writer.
struct InputLines {
    /// The reason why there is no further line.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The longest line, in bytes.
    static let limit = 32 << 20
    private static let chunkSize = 64 << 10

    private let descriptor: CInt
    private let limit: Int
    /// What was read and not returned.
    private var rest: ArraySlice<UInt8> = []
    /// How many bytes of it have no line feed.
    private var searched = 0
    private var hasEnded = false
    /// The number of lines that were returned.
    private(set) var number = 0
    /// The number of bytes that were read.
    private(set) var byteCount: Int64 = 0

    /// - Parameters:
    ///   - descriptor: the file or pipe to read.
    ///   - limit: the longest line, in bytes.
    init(_ descriptor: CInt, limit: Int = limit) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// The next line, without its line feed; nil at the end.
    /// - Throws: ``Failure`` for a line that is too long, or if reading fails.
    mutating func next() throws(Failure) -> [UInt8]? {
        while true {
            if let end = rest[(rest.startIndex + searched)...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(upTo: end, skipping: 1)
            }
            searched = rest.count
            guard searched <= limit else {
                throw Failure(description: "line \(number + 1) has more than \(limit) bytes")
            }
            if hasEnded { return rest.isEmpty ? nil : take(upTo: rest.endIndex, skipping: 0) }
            try read()
        }
    }

    private mutating func take(upTo end: Int, skipping count: Int) -> [UInt8] {
        let line = Array(rest[..<end])
        rest = rest[(end + count)...]
        searched = 0
        number += 1
        return line
    }

    private mutating func read() throws(Failure) {
        var chunk = [UInt8](repeating: 0, count: Self.chunkSize)
        let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else {
            if errno == EINTR { return }
            throw Failure(description: "standard input cannot be read: \(String(cString: strerror(errno)))")
        }
        hasEnded = count == 0
        byteCount += Int64(count)
        if rest.isEmpty { rest = chunk[..<count] } else { rest += chunk[..<count] }
    }
}
