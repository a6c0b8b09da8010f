/// The names of the events that the official libraries emit locally. A client that sends an event with such a name
/// tries to fake a local event.
public enum ReservedEventNames {
    /// The reserved names.
    public static let all = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    /// Returns true if an application must not emit an event with this name, and cannot handle one from a client.
    public static func contains(_ name: String) -> Bool {
        // Runs for every event; the length alone rules out nearly all names.
        switch name.utf8.count {
        case 7, 10, 11, 13, 14: all.contains(name)
        default: false
        }
    }

    /// The reserved name that `name` decodes to, or nil. Escapes in `name` make no difference.
    static func match(_ name: JSONText) -> String? {
        // Runs for every event; without escapes, the length alone rules out nearly all names.
        let length = name.hasEscapes ? nil : name.utf8.count - 2
        return all.first { (length == nil || length == $0.utf8.count) && name.isString($0) }
    }
}
