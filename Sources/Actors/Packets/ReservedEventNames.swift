/// The names that the official libraries emit by themselves; a client that sends one means to deceive.
enum ReservedEventNames {
    private static let all = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    static func contains(_ name: String) -> Bool {
        // Each event passes here: of nearly all of them the length is enough.
        switch name.utf8.count {
        case 7, 10, 11, 13, 14: all.contains(name)
        default: false
        }
    }

    /// The reserved name that `name` stands for, however it is escaped, or nil.
    static func match(_ name: JSONText) -> String? {
        // Each event passes here: without escapes a name of another length needs no closer look.
        let length = name.hasEscapes ? nil : name.utf8.count - 2
        return all.first { (length == nil || length == $0.utf8.count) && name.isString($0) }
    }
}
