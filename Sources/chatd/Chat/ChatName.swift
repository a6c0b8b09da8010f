import Actors
import Persistence

/// The name that a client without an identity chose for itself: visible text without control characters.
struct ChatName {
    let text: String

    /// - Parameter value: `auth.name`.
    /// - Returns: nil if there is none.
    /// - Throws: ``Invalid`` for anything else than such a name of at most ``MessageAuthor/maxNameBytes`` bytes.
    init?(_ value: JSONText?) throws(Invalid) {
        guard let value, !value.isNull else { return nil }
        // An escape in JSON takes at most six times as many bytes.
        guard value.utf8.count <= 6 * MessageAuthor.maxNameBytes + 2, let text = value.string else { throw Invalid() }
        guard (1...MessageAuthor.maxNameBytes).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy(Self.isAllowed), text.unicodeScalars.contains(where: Self.isVisible)
        else { throw Invalid() }
        self.text = text
    }

    /// A name that is refused.
    struct Invalid: Error {}

    /// Refuses a client that asks for details and gives an invalid name. Other clients may use `auth.name` for
    /// something else.
    static func check(_ socket: isolated Socket) throws(ConnectError) {
        guard socket.messageProfile.form == .detailed, socket.identity == nil else { return }
        do throws(Invalid) {
            _ = try ChatName(socket.handshake.auth?["name"])
        } catch {
            throw ConnectError("invalid name", data: JSONText(object: [("reason", "name")]))
        }
    }

    /// The name of an identity without what a client may not choose: its user may have chosen it elsewhere.
    static func cleaned(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.filter(isAllowed)))
    }

    /// False for what could break a line or change the direction of the text around the name.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: !scalar.properties.isBidiControl
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.properties.isWhitespace && !scalar.properties.isDefaultIgnorableCodePoint
    }
}

extension MessageAuthor? {
    /// The author for the client itself, with the members of a message's details.
    var jsonText: JSONText {
        var members: [(String, JSONText)] = []
        if let id = self?.id { members.append(("author", JSONText(utf8String: id))) }
        if let name = self?.name {
            members.append(("name", JSONText(utf8String: name)))
            members.append(("proved", JSONText(bool: self?.isProved == true)))
        }
        return JSONText(object: members)
    }
}
