import SimulatedMachine

/// An HTTP request of a client and the response received so far.
final class ClientRequestInFlight {
    /// The request's bytes, kept for a repeat.
    let text: [UInt8]
    let end: SocketEnd
    let repeats: Int
    private var unsent: [UInt8]
    private var input: [UInt8] = []

    init(_ text: [UInt8], on end: SocketEnd, repeats: Int = 0) {
        self.text = text
        self.end = end
        self.repeats = repeats
        unsent = text
    }

    func flush() {
        let count = min(unsent.count, end.outgoing.space)
        end.outgoing.append(unsent.prefix(count))
        unsent.removeFirst(count)
    }

    /// Reads delivered bytes.
    /// - Returns: the response once it is complete.
    func receive(atMost limit: Int) -> (status: Int, body: ArraySlice<UInt8>)? {
        input += end.incoming.read(atMost: limit)
        let separator = Array("\r\n\r\n".utf8)
        guard let headEnd = input.indices.first(where: { input[$0...].starts(with: separator) }) else { return nil }
        let head = String(decoding: input[..<headEnd], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        let length = lines.lazy.compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 && parts[0].lowercased() == "content-length"
                ? Int(parts[1].drop { $0 == " " }) : nil
        }.first
        let body = input[(headEnd + separator.count)...]
        guard let length, body.count >= length else { return nil }
        return (lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, body.prefix(length))
    }
}
