import Actors
import Transport

/// What the workers tell and ask each other about dashboards.
enum AdminUIMessage: Equatable {
    /// Asks for a page of the sockets, after this id.
    case list(after: SessionID?)
    /// Asks for the numbers.
    case totals
    /// Changes of a worker; nil if there were too many.
    case changes([ShownEvent]?)
    /// An address tries a password.
    case attempt(String)
    /// Its password was right.
    case success(String)

    var json: JSONText {
        switch self {
        case .list(nil): ["ask": "list"]
        case .list(let id?): ["ask": "list", "after": JSONText(string: id.description)]
        case .totals: ["ask": "totals"]
        case .changes(let changes):
            ["tell": "changes", "changes": changes.map { JSONText(array: $0.map(\.json)) } ?? .null]
        case .attempt(let address): ["tell": "attempt", "address": JSONText(string: address)]
        case .success(let address): ["tell": "success", "address": JSONText(string: address)]
        }
    }

    /// True for ``changes(_:)``.
    static func isChange(_ value: JSONText) -> Bool { value["tell"]?.string == "changes" }

    /// - Returns: nil for anything but what ``json`` returns.
    init?(_ value: JSONText) {
        switch (value["ask"]?.string ?? value["tell"]?.string, value["address"]?.string) {
        case ("list", _): self = .list(after: value["after"]?.string.flatMap { SessionID($0) })
        case ("totals", _): self = .totals
        case ("changes", _): self = .changes(value["changes"]?.elements?.compactMap { ShownEvent($0) })
        case ("attempt", let address?): self = .attempt(address)
        case ("success", let address?): self = .success(address)
        default: return nil
        }
    }
}
