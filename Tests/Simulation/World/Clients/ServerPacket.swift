import Actors
import Transport

/// What a client understands of a text that the server sent.
enum ServerPacket {
    case connected(SessionID, privateID: SessionID)
    case event(name: String, arguments: [JSONText])
    /// With the id of the acknowledged message, if it says one.
    case acknowledgement(Int, message: Int64?)
    case putOut

    init?(_ text: ArraySlice<UInt8>) {
        let body = text.dropFirst(2)
        switch text.dropFirst().first {
        case UInt8(ascii: "0"):
            guard let object = try? JSONText(validating: Array(body)),
                let id = object[member: "sid"]?.string.flatMap({ SessionID($0) }),
                let privateID = object[member: "pid"]?.string.flatMap({ SessionID($0) })
            else { return nil }
            self = .connected(id, privateID: privateID)
        case UInt8(ascii: "1"):
            self = .putOut
        case UInt8(ascii: "2"):
            guard let elements = (try? JSONText(validating: Array(body)))?.elements, let name = elements.first?.string
            else { return nil }
            self = .event(name: name, arguments: Array(elements.dropFirst()))
        case UInt8(ascii: "3"):
            let digits = body.prefix { $0 != UInt8(ascii: "[") }
            guard let number = Int(String(decoding: digits, as: UTF8.self)),
                let arguments = (try? JSONText(validating: Array(body.dropFirst(digits.count))))?.elements
            else { return nil }
            self = .acknowledgement(number, message: arguments.first?[member: "id"]?.integer.map(Int64.init))
        default:
            return nil
        }
    }
}
