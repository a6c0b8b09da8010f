import Actors

/// An event of the dashboard's protocol.
struct ShownEvent: Equatable {
    let name: String
    let arguments: [JSONText]

    init(_ name: String, _ arguments: JSONText...) {
        self.name = name
        self.arguments = arguments
    }

    /// About the bytes of the event on its way to a dashboard.
    var byteCount: Int { arguments.reduce(name.utf8.count) { $0 + $1.utf8.count } }

    /// The form between workers.
    var json: JSONText { JSONText(array: [JSONText(string: name)] + arguments) }

    /// - Returns: nil for anything but what ``json`` returns.
    init?(_ value: JSONText) {
        guard let elements = value.elements, let name = elements.first?.string, Self.names.contains(name) else {
            return nil
        }
        self.name = name
        arguments = Array(elements.dropFirst())
    }

    /// For a socket that joins a room: the event that it leaves it.
    var departure: ShownEvent? {
        guard name == "room_joined", arguments.count == 4 else { return nil }
        return ShownEvent("room_left", arguments[0], arguments[1], arguments[2], arguments[3])
    }

    static func == (left: ShownEvent, right: ShownEvent) -> Bool {
        left.name == right.name && left.arguments.map { Array($0.utf8) } == right.arguments.map { Array($0.utf8) }
    }

    /// The changes that workers tell each other.
    private static let names: Set<String> = [
        "socket_connected", "socket_updated", "socket_disconnected", "room_joined", "room_left",
    ]
}
