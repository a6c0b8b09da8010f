import Actors

/// The events of the simulated application.
enum EventText {
    /// An event with a number of its own, the binary data that belongs to it, and perhaps a string behind it.
    static let event = "event"
    static let message = "chat message"
    /// An event without arguments: a client takes its name for an offset, unless one follows.
    static let local = "local"
    /// A question with a number of its own, to be answered with it and its binary data.
    static let question = "question"
    /// A client's event for others, with all that they are to get of it.
    static let relay = "relay"

    /// - Parameter tail: how long the string is; 0: there is none.
    static func arguments(_ number: Int, tail: Int = 0) -> [Argument] {
        var arguments: [Argument] = [.json(JSONText(integer: number))]
        arguments += Blob.all(of: number).map { .binary($0) }
        if tail > 0 { arguments.append(.json(JSONText(string: String(repeating: "x", count: tail)))) }
        return arguments
    }

    /// The number in a packet of such an event.
    static func number(in text: [UInt8]) -> Int? {
        guard let start = text.firstIndex(of: UInt8(ascii: "[")),
            let comma = text[start...].firstIndex(of: UInt8(ascii: ","))
        else { return nil }
        let digits = text[(comma + 1)...].prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

extension [Argument] {
    /// The number of an event or answer with all the binary data that belongs to it; nil when anything of that is not as it was.
    var number: Int? {
        guard case .json(let value)? = first, let number = value.integer else { return nil }
        let data = compactMap { argument -> [UInt8]? in
            if case .binary(let bytes) = argument { bytes } else { nil }
        }
        return data == Blob.all(of: number) ? number : nil
    }
}
