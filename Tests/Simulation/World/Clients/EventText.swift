import Actors

/// The events of the simulated application.
enum EventText {
    /// An event with a number of its own, and perhaps a string behind it.
    static let event = "event"
    static let message = "chat message"
    /// An event without arguments: a client takes its name for an offset, unless one follows.
    static let local = "local"

    /// - Parameter tail: how long the string is; 0: there is none.
    static func arguments(_ number: Int, tail: Int) -> Arguments {
        var arguments: [Argument] = [.json(JSONText(integer: number))]
        if tail > 0 { arguments.append(.json(JSONText(string: String(repeating: "x", count: tail)))) }
        return Arguments(arguments)
    }

    /// The number in a packet of such an event.
    static func number(in text: [UInt8]) -> Int? {
        guard let comma = text.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let digits = text[(comma + 1)...].prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
