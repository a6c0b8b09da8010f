/// The body of a polling request: packets separated by 0x1E (Engine.IO protocol 4, "HTTP long-polling").
struct PollingPayload {
    static let separator: UInt8 = 0x1E
    /// The most packets without a message. A client sends a pong for each ping of the server, so it never has many.
    static let maxOthers = 1000

    private let body: [UInt8]
    /// The offset of the next packet; nil after the last one.
    private var start: Int? = 0
    private var others = 0
    /// The size in bytes of the packet that was returned last.
    private(set) var lastSize = 0

    /// Takes the body of a request.
    /// - Throws: ``EnginePacket/ParseError`` if the body is not UTF-8.
    init(_ body: [UInt8]) throws(EnginePacket.ParseError) {
        guard UTF8Validator.isValid(body) else { throw EnginePacket.ParseError(description: "payload is not UTF-8") }
        self.body = body
    }

    /// Returns the next packet; nil after the last one.
    /// - Throws: ``EnginePacket/ParseError`` if the next element is not a packet. Packets returned before remain valid.
    mutating func next() throws(EnginePacket.ParseError) -> EnginePacket? {
        guard let start else { return nil }
        let end = body[start...].firstIndex(of: Self.separator) ?? body.count
        self.start = end < body.count ? end + 1 : nil
        let packet = try EnginePacket(.text(Array(body[start..<end])))
        guard packet != .close || end - start == 1 else {
            throw EnginePacket.ParseError(description: "packet of an unknown type")
        }
        lastSize = end - start
        if !packet.isMessage { others += 1 }
        guard others <= Self.maxOthers else {
            throw EnginePacket.ParseError(description: "payload has too many packets without a message")
        }
        return packet
    }
}
