import Actors

/// The names and arguments of the simulated application's events.
enum EventText {
    /// An event with a unique number, the binary data of that number, and sometimes a trailing string.
    static let event = "event"
    static let message = "chat message"
    /// An event without arguments. A client mistakes its name for an offset unless an offset follows.
    static let local = "local"
    /// A question with a unique number. The answer repeats the number and its binary data.
    static let question = "question"
    /// A question with a unique number to several clients, or to the other servers. The answer repeats the number and
    /// its binary data, and ends with the name of its sender.
    static let inquiry = "inquiry"
    /// A client's event for the server to broadcast, with the arguments of the broadcast.
    static let relay = "relay"

    /// - Parameter tail: the length of the trailing string; 0 for none.
    static func arguments(_ number: Int, tail: Int = 0) -> [Argument] {
        var arguments: [Argument] = [.json(JSONText(integer: number))]
        arguments += Blob.all(of: number).map { .binary($0) }
        if tail > 0 { arguments.append(.json(JSONText(string: String(repeating: "x", count: tail)))) }
        return arguments
    }

    /// The number in the text of a packet whose arguments ``arguments(_:tail:)`` made.
    static func number(in text: [UInt8]) -> Int? {
        guard let start = text.firstIndex(of: UInt8(ascii: "[")),
            let comma = text[start...].firstIndex(of: UInt8(ascii: ","))
        else { return nil }
        let digits = text[(comma + 1)...].prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

extension [Argument] {
    /// The number of an event or answer, if all its binary data is intact; otherwise nil.
    var number: Int? {
        guard case .json(let value)? = first, let number = value.integer else { return nil }
        let data = compactMap { argument -> [UInt8]? in
            if case .binary(let bytes) = argument { bytes } else { nil }
        }
        return data == Blob.all(of: number) ? number : nil
    }
}
