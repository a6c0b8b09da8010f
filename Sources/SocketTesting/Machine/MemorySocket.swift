/// A socket of a ``MemoryMachine``: a listener, or the server's end of a connection.
struct MemorySocket {
    /// The most bytes that wait for a client. The server keeps the others.
    static let capacity = 1 << 20

    /// Bytes of a client, between which nothing has arrived on another socket.
    private struct Input {
        /// The place of the last of them in the order of everything that clients have sent.
        var arrival: UInt64
        var bytes: [UInt8]
    }

    /// Receives what the server sends; nil for a listener, and after the client has ended the connection.
    var client: (any MemoryClient)?
    /// The connections that a listener has not accepted.
    private(set) var pending: [(descriptor: CInt, arrival: UInt64)] = []
    /// What the server has not read.
    private var inputs: [Input] = []
    /// When the client has ended its side; nil while it may send more.
    private var ending: UInt64?
    /// When the client has reset the connection.
    private var resetting: UInt64?
    /// The bytes that the client has not received.
    var outgoing: [UInt8] = []
    /// True if the server sends nothing more.
    var hasServerEnded = false
    /// True if the server has closed its end.
    var isClosed = false
    /// True if the client receives nothing for now.
    var isHeld = false

    init() {}

    init(of client: any MemoryClient) {
        self.client = client
    }

    /// True if the client sends nothing more.
    var hasClientEnded: Bool { ending != nil }
    /// True if the client has reset the connection.
    var isReset: Bool { resetting != nil }

    /// When the oldest of what the server has not handled has arrived; nil if there is nothing.
    var arrival: UInt64? { pending.first?.arrival ?? inputs.first?.arrival ?? ending ?? resetting }

    // MARK: For clients

    /// Adds a connection to a listener.
    mutating func connect(_ descriptor: CInt, at arrival: UInt64) {
        pending.append((descriptor, arrival))
    }

    /// Adds bytes of the client.
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - arrival: Their place in the order of everything that clients have sent.
    mutating func receive(_ bytes: [UInt8], at arrival: UInt64) {
        guard !hasClientEnded, !isReset, !isClosed, !bytes.isEmpty else { return }
        if let last = inputs.indices.last, inputs[last].arrival + 1 == arrival {
            // Nothing has arrived elsewhere in between.
            inputs[last].arrival = arrival
            inputs[last].bytes += bytes
        } else {
            inputs.append(Input(arrival: arrival, bytes: bytes))
        }
    }

    /// Ends the client's side after the bytes that it has sent.
    mutating func endInput(at arrival: UInt64) {
        if ending == nil { ending = arrival }
        detachClient()
    }

    /// Drops what the server has not read.
    mutating func reset(at arrival: UInt64) {
        if resetting == nil { resetting = arrival }
        inputs = []
        detachClient()
    }

    /// Drops what the client would receive.
    private mutating func detachClient() {
        client = nil
        outgoing = []
    }

    // MARK: For the server

    /// Accepts the oldest connection; nil if none waits.
    mutating func accept() -> CInt? {
        pending.isEmpty ? nil : pending.removeFirst().descriptor
    }

    /// Reads the oldest bytes. What has arrived after bytes of another socket is left for a later turn.
    mutating func read(atMost count: Int) -> [UInt8] {
        guard let first = inputs.first else { return [] }
        guard first.bytes.count > count else { return inputs.removeFirst().bytes }
        inputs[0].bytes.removeFirst(count)
        return Array(first.bytes.prefix(count))
    }
}
