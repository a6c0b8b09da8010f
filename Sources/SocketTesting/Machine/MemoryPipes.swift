import Transport

/// The pipes of a ``MemoryMachine``, between the hub and its workers.
struct MemoryPipes {
    /// The capacity of a pipe in bytes.
    static let capacity = 1 << 20

    private struct Pipe {
        var bytes: [UInt8] = []
        var hasReader = true
        var hasWriter = true
    }

    /// The pipes by the descriptor of their reading end.
    private var pipes: [CInt: Pipe] = [:]
    /// The reading end of each writing end.
    private var readers: [CInt: CInt] = [:]

    mutating func add(reading: CInt, writing: CInt) {
        pipes[reading] = Pipe()
        readers[writing] = reading
    }

    /// - Returns: The bytes, empty at the end of the stream; nil if none are available.
    mutating func read(from descriptor: CInt, atMost count: Int) -> [UInt8]? {
        guard let pipe = pipes[descriptor] else { return [] }
        guard !pipe.bytes.isEmpty else { return pipe.hasWriter ? nil : [] }
        let bytes = Array(pipe.bytes.prefix(count))
        pipes[descriptor]?.bytes.removeFirst(bytes.count)
        return bytes
    }

    /// - Returns: The number of accepted bytes; nil if nothing reads from the pipe any more.
    mutating func write(_ bytes: [UInt8], to descriptor: CInt) -> Int? {
        guard let reader = readers[descriptor], let pipe = pipes[reader], pipe.hasReader else { return nil }
        let count = min(bytes.count, Self.capacity - pipe.bytes.count)
        pipes[reader]?.bytes += bytes.prefix(count)
        return count
    }

    /// The events that an end is ready for; nil if it is none of these pipes' ends.
    func readiness(of descriptor: CInt) -> EventMask? {
        if let pipe = pipes[descriptor] { return !pipe.bytes.isEmpty || !pipe.hasWriter ? .readable : [] }
        guard let reader = readers[descriptor] else { return nil }
        guard let pipe = pipes[reader], pipe.hasReader else { return .failed }
        return pipe.bytes.count < Self.capacity ? .writable : []
    }

    mutating func close(_ descriptor: CInt) {
        if let reader = readers.removeValue(forKey: descriptor) {
            pipes[reader]?.hasWriter = false
            if pipes[reader]?.hasReader == false { pipes[reader] = nil }
        } else if let pipe = pipes[descriptor] {
            pipes[descriptor] = pipe.hasWriter ? Pipe(hasReader: false) : nil
        }
    }
}
