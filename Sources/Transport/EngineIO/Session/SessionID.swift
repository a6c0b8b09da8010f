/// A session id: 20 characters of `A–Z a–z 0–9 - _`, stored as bytes.
public struct SessionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of characters in an id.
    public static let length = 20

    /// The first eight characters.
    let first: UInt64
    private let second: UInt64
    private let third: UInt32

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Makes an unpredictable id from 120 bits of `generator`.
    public init(using generator: inout some RandomNumberGenerator) {
        var words: [UInt64] = [0, 0, 0]
        for index in 0..<Self.length {
            words[index / 8] = words[index / 8] << 8 | UInt64(Self.alphabet[Int(generator.next() & 63)])
        }
        (first, second, third) = (words[0], words[1], UInt32(words[2]))
    }

    /// Makes an id from its first eight characters and the others of another id.
    init(firstCharacters first: UInt64, of other: SessionID) {
        self.first = first
        second = other.second
        third = other.third
    }

    /// The character for a digit from 0 to 63.
    package static func character(_ digit: UInt32) -> UInt8 { alphabet[Int(digit)] }

    /// The digit for a character of an id.
    static func digit(_ character: UInt8) -> UInt32 {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        default: 63
        }
    }

    /// Makes an id from the system's random source.
    public static func random() -> SessionID {
        var generator = MachineRandom(of: LinuxMachine.shared)
        return SessionID(using: &generator)
    }

    /// Parses an id; nil if `text` is not one.
    public init?(_ text: some StringProtocol) {
        self.init(characters: text.utf8)
    }

    /// Parses an id from its characters; nil if they are not an id.
    public init?(characters: some Sequence<UInt8>) {
        var words: [UInt64] = [0, 0, 0]
        var count = 0
        for byte in characters {
            guard count < Self.length, Self.isIDCharacter(byte) else { return nil }
            words[count / 8] = words[count / 8] << 8 | UInt64(byte)
            count += 1
        }
        guard count == Self.length else { return nil }
        (first, second, third) = (words[0], words[1], UInt32(words[2]))
    }

    private static func isIDCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            return true
        default:
            return false
        }
    }

    /// Appends the id's characters.
    public func append(to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: first >> shift)) }
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: second >> shift)) }
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: third >> shift)) }
    }

    /// Orders ids by their characters.
    public static func < (left: SessionID, right: SessionID) -> Bool {
        (left.first, left.second, left.third) < (right.first, right.second, right.third)
    }

    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// As its characters.
extension SessionID: Codable {
    /// - Throws: `DecodingError` if the text is not an id.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = SessionID(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not an id: \(text)"))
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
