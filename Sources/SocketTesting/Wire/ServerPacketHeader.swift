import Actors

/// The part of a packet before its payload: `TYPE[ATTACHMENTS-][/namespace,][ACKID]`.
struct ServerPacketHeader {
    let type: PacketType
    let attachmentCount: Int
    let namespace: String
    let acknowledgementID: UInt64?
    let payloadStart: Int

    init(_ text: [UInt8]) throws(TestError) {
        var rest = text[...]
        guard let digit = rest.popFirst(), let type = PacketType(rawValue: digit &- UInt8(ascii: "0")) else {
            throw Self.invalid(text)
        }
        self.type = type
        var attachmentCount = 0
        if type == .binaryEvent || type == .binaryAcknowledgement {
            guard let count = Self.number(&rest), rest.popFirst() == UInt8(ascii: "-") else { throw Self.invalid(text) }
            attachmentCount = Int(count)
        }
        self.attachmentCount = attachmentCount
        if rest.first == UInt8(ascii: "/") {
            let name = rest.prefix { $0 != UInt8(ascii: ",") }
            namespace = String(decoding: name, as: UTF8.self)
            rest = rest.dropFirst(name.count + 1)
        } else {
            namespace = "/"
        }
        acknowledgementID = Self.number(&rest)
        payloadStart = rest.startIndex
    }

    static func invalid(_ text: [UInt8]) -> TestError { .invalidPacket(String(decoding: text, as: UTF8.self)) }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return UInt64(String(decoding: digits, as: UTF8.self))
    }
}
