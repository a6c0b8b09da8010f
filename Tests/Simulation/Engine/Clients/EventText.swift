import Actors

/// The packets that the simulated application sends, each event with a number of its own.
enum EventText {
    static let event = "event"
    static let message = "chat message"

    /// `42["event",NUMBER]`, or with a string behind the number.
    /// - Parameter tail: how long that string is; 0: there is none.
    static func numbered(_ number: Int, tail: Int) -> [UInt8] {
        let string = tail > 0 ? ",\"\(String(repeating: "x", count: tail))\"" : ""
        return Array("42[\"\(event)\",\(number)\(string)]".utf8)
    }

    /// An event without number whose name is all there is: a client takes that for an offset, unless one follows.
    static let local = Array("42[\"local\"]".utf8)

    /// - Parameter message: the id of the message that is acknowledged, for clients that ask for details.
    static func acknowledgement(_ number: Int, _ message: Int64?) -> [UInt8] {
        Array("43\(number)[\(message.map { "{\"id\":\($0)}" } ?? "")]".utf8)
    }

    /// The number in a packet of ``numbered(_:tail:)``.
    static func number(in text: [UInt8]) -> Int? {
        guard let comma = text.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let digits = text[(comma + 1)...].prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
