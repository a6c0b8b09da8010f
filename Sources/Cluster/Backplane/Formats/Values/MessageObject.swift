import Actors
import Transport

/// An object of a received message, with access to its members by the names that messages have.
///
/// Unknown members are ignored. A member that is null, or `undefined` in MessagePack, is missing, as with the official
/// adapters. If a name repeats, the last member counts, as in JavaScript.
struct MessageObject {
    private var members: [MessageKey: JSONText] = [:]
    /// The message that has the attachments of this object.
    private let message: MixedValue
    let limits: FormatLimits

    /// Finds the members in one pass.
    /// - Parameters:
    ///   - json: The object, inside the value of `message`.
    ///   - message: The whole message.
    /// - Throws: ``FormatError/notAMessage`` if the value is not an object.
    init(_ json: JSONText, in message: MixedValue, limits: FormatLimits) throws(FormatError) {
        guard json.kind == .object else { throw .notAMessage }
        self.message = message
        self.limits = limits
        var members: [MessageKey: JSONText] = [:]
        json.forEachMember(namesUpTo: MessageKey.maxLength) { name, value in
            guard let key = MessageKey(rawValue: name) else { return }
            // A literal nil would be JSON's null.
            members[key] = value.isNull ? Optional.none : value
        }
        self.members = members
    }

    /// The object that is the whole message.
    init(_ message: MixedValue, limits: FormatLimits) throws(FormatError) {
        try self.init(message.json, in: message, limits: limits)
    }

    /// Takes the elements of an array as members.
    /// - Parameter keys: The names of the elements, in order. Further elements are ignored.
    init(elementsOf message: MixedValue, as keys: [MessageKey], limits: FormatLimits) throws(FormatError) {
        guard message.json.kind == .array else { throw .notAMessage }
        self.message = message
        self.limits = limits
        for (index, key) in keys.enumerated() {
            guard let element = message.json[index], !element.isNull else { continue }
            members[key] = element
        }
    }

    /// True if the member is there and not null.
    func has(_ key: MessageKey) -> Bool { members[key] != nil }

    private func member(_ key: MessageKey) throws(FormatError) -> JSONText {
        guard let member = members[key] else { throw .missing(key) }
        return member
    }

    /// A member that is an object.
    func object(_ key: MessageKey) throws(FormatError) -> MessageObject {
        let member = try member(key)
        guard member.kind == .object else { throw .invalid(key) }
        return try MessageObject(member, in: message, limits: limits)
    }

    /// A member of any kind with its attachments, or null without it.
    func value(_ key: MessageKey) -> MixedValue {
        message.part(members[key] ?? .null)
    }

    /// The id of a node, a request, a session or a socket.
    func identifier(_ key: MessageKey) throws(FormatError) -> String {
        try text(key, limit: limits.identifier)
    }

    /// The id of a session or a socket of this server's kind.
    func sessionID(_ key: MessageKey) throws(FormatError) -> SessionID {
        guard let id = SessionID(try text(key, limit: SessionID.length)) else { throw .invalid(key) }
        return id
    }

    /// An identifier, or nil without it.
    func optionalIdentifier(_ key: MessageKey) throws(FormatError) -> String? {
        has(key) ? try identifier(key) : nil
    }

    /// The name of a namespace. A name that no packet can carry is refused: one without a leading slash, or with a
    /// comma.
    func namespace() throws(FormatError) -> String {
        let name = try text(.nsp, limit: limits.namespace)
        // In bytes, because a combining mark after a comma makes it another `Character`.
        guard name.utf8.first == UInt8(ascii: "/"), !name.utf8.contains(UInt8(ascii: ",")) else { throw .invalid(.nsp) }
        return name
    }

    /// A whole number in a range.
    func number(_ key: MessageKey, in range: ClosedRange<Int>) throws(FormatError) -> Int {
        guard let number = try member(key).integer, range.contains(number) else { throw .invalid(key) }
        return number
    }

    /// The number of a message's or packet's type.
    func type() throws(FormatError) -> Int {
        try number(.type, in: 0...Int(Int32.max))
    }

    /// True if the member is true. As in JavaScript, a member of another kind is no error.
    func flag(_ key: MessageKey) -> Bool { optionalFlag(key) ?? false }

    /// The flag, or nil if the member is not one.
    func optionalFlag(_ key: MessageKey) -> Bool? { members[key]?.bool }

    /// The number, or nil if the member is not one in the range.
    func optionalNumber(_ key: MessageKey, in range: ClosedRange<Int>) -> Int? {
        try? number(key, in: range)
    }

    /// The names of rooms. A number, which JavaScript allows as the name of a room, becomes its text.
    func rooms(_ key: MessageKey) throws(FormatError) -> [String] {
        var rooms: [String] = []
        for element in try elements(key, limit: limits.rooms) { rooms.append(try Self.room(element, key)) }
        return rooms
    }

    /// The name of one room.
    func room(_ key: MessageKey) throws(FormatError) -> String {
        try Self.room(try member(key), key)
    }

    private static func room(_ json: JSONText, _ key: MessageKey) throws(FormatError) -> String {
        if let name = json.string { return name }
        guard json.kind == .number else { throw .invalid(key) }
        return json.description
    }

    /// The elements of a list.
    func elements(_ key: MessageKey, limit: Int) throws(FormatError) -> [JSONText] {
        let member = try member(key)
        guard member.kind == .array else { throw .invalid(key) }
        guard let elements = member.elements(upTo: limit) else { throw .tooMany(key, limit: limit) }
        return elements
    }

    /// The objects of a list.
    func objects(_ key: MessageKey, limit: Int) throws(FormatError) -> [MessageObject] {
        var objects: [MessageObject] = []
        for element in try elements(key, limit: limit) {
            guard element.kind == .object else { throw .invalid(key) }
            objects.append(try MessageObject(element, in: message, limits: limits))
        }
        return objects
    }

    /// A list of identifiers.
    func identifiers(_ key: MessageKey, limit: Int) throws(FormatError) -> [String] {
        var identifiers: [String] = []
        for element in try elements(key, limit: limit) {
            identifiers.append(try Self.text(element, key, limit: limits.identifier))
        }
        return identifiers
    }

    /// A text of at most `limit` bytes.
    func text(_ key: MessageKey, limit: Int) throws(FormatError) -> String {
        try Self.text(try member(key), key, limit: limit)
    }

    private static func text(_ json: JSONText, _ key: MessageKey, limit: Int) throws(FormatError) -> String {
        guard json.kind == .string else { throw .invalid(key) }
        // A byte takes at most the six characters of an escape, and the quotation marks take two.
        guard json.utf8.count <= 6 * limit + 2, let text = json.string else { throw .tooLong(key, limit: limit) }
        guard text.utf8.count <= limit else { throw .tooLong(key, limit: limit) }
        return text
    }
}
