/// What tokens and the answers of a service have in common: the members of a JSON object that describe a client.
enum IdentityMembers {
    /// A member of another type or size than it must have.
    struct Malformed: Error {}

    /// The largest id in bytes. A longer name is cut after so many bytes.
    static let maxID = 256
    /// The largest name of a room in bytes.
    static let maxRoom = 256

    /// True for a text that may be a client's id.
    static func isID(_ text: String) -> Bool {
        (1...maxID).contains(text.utf8.count) && !text.utf8.contains(0)
    }

    /// A name; nil also for null and for an empty text.
    static func name(_ value: JSONText?) throws(Malformed) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let name = value.string else { throw Malformed() }
        return name.isEmpty ? nil : String(decoding: name.utf8.prefix(maxID), as: UTF8.self)
    }

    /// An array of texts that are not empty; nil also for null.
    /// - Parameters:
    ///   - limit: the largest number of texts.
    ///   - maxText: the largest size of a text in bytes.
    static func texts(
        _ value: JSONText?, atMost limit: Int, maxText: Int
    ) throws(Malformed) -> [String]? {
        guard let value, !value.isNull else { return nil }
        guard let elements = value.elements(upTo: limit) else { throw Malformed() }
        let texts = elements.compactMap(\.string).filter { (1...maxText).contains($0.utf8.count) }
        guard texts.count == elements.count else { throw Malformed() }
        return texts
    }

    /// A time in seconds; nil only without a value, not for null.
    static func time(_ value: JSONText?) throws(Malformed) -> Duration? {
        guard let value else { return nil }
        guard let seconds = value.number, (0...1e12).contains(seconds) else { throw Malformed() }
        return .seconds(seconds)
    }
}
