import Actors

extension BackplaneMessage {
    /// The greatest depth of an event's arguments. The formats put a few levels around them, and their readers accept
    /// 512.
    static let maxDepth = 500
    /// The greatest number of binary values.
    static let maxAttachments = 1000
    /// The greatest number of rooms in one list.
    static let maxRooms = 1 << 16

    /// Why other hosts would refuse to read the message; nil if they would not. Such a message is only for this host.
    var refusal: String? {
        switch self {
        case .event(let broadcast):
            Self.refusal(rooms: [broadcast.rooms, broadcast.exceptions])
                ?? Self.refusal(attachments: broadcast.event.attachments.count)
                ?? Self.refusal(text: broadcast.event.text) { broadcast.event.arguments?.text ?? [] }
        case .change(let selection, let change):
            Self.refusal(rooms: [selection.rooms, selection.exceptions, change.rooms])
        case .serverEvent(let event):
            Self.refusal(attachments: event.arguments.attachments.count)
                ?? Self.refusal(text: event.arguments.text) { event.arguments.text }
        case .marker, .roomMarker: nil
        case .host(let message): message.refusal
        }
    }

    fileprivate static func refusal(rooms lists: [[String]]) -> String? {
        lists.contains { $0.count > maxRooms } ? "more than \(maxRooms) rooms" : nil
    }

    fileprivate static func refusal(attachments: Int) -> String? {
        attachments > maxAttachments ? "more than \(maxAttachments) binary values" : nil
    }

    /// - Parameters:
    ///   - text: the arguments, or a text with them. Most have too few brackets to be nested deeply.
    ///   - arguments: returns the arguments as JSON.
    fileprivate static func refusal(text: [UInt8], arguments: () -> [UInt8]) -> String? {
        let opening = text.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
        guard opening > maxDepth, exceedsDepth(arguments()) else { return nil }
        return "nested deeper than \(maxDepth) levels"
    }

    /// True if valid JSON, or a list of JSON values, is nested too deeply.
    private static func exceedsDepth(_ text: [UInt8]) -> Bool {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in text {
            if isInString {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInString = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > maxDepth { return true }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return false
    }
}

extension HostMessage {
    /// The largest size of a session with its events, in bytes.
    static let maxSize = 32 << 20

    /// Why other hosts would refuse to read the message; nil if they would not.
    var refusal: String? {
        guard case .give(_, let session) = content else { return nil }
        let events = session.inherited.events.map(\.event)
        let size = events.reduce(session.data?.utf8.count ?? 0) { $0 + $1.byteCount }
        guard size <= Self.maxSize else { return "a session of \(size) bytes" }
        let deep = events.lazy.filter { !$0.attachments.isEmpty }.compactMap { event in
            BackplaneMessage.refusal(text: event.text) { event.arguments?.text ?? [] }
        }
        return BackplaneMessage.refusal(rooms: [session.rooms])
            ?? BackplaneMessage.refusal(attachments: events.reduce(0) { $0 + $1.attachments.count }) ?? deep.first
    }
}

extension SocketChange {
    /// The rooms that are joined or left.
    fileprivate var rooms: [String] {
        switch self {
        case .join(let rooms), .leave(let rooms): rooms
        case .disconnect: []
        }
    }
}
