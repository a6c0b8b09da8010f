/// The author of a message: an id, a name to show, or both.
///
/// It takes one word. A name is kept in an object that the messages of one client share, so a message without a name
/// costs nothing for it.
public struct MessageAuthor: Sendable, Equatable {
    /// The largest size of a name, in bytes.
    public static let maxNameBytes = 128
    /// Precedes a name in the database that its author has chosen, as IRC marks a user that nobody has verified.
    static let chosenMark = UInt8(ascii: "~")

    private final class Named: Sendable {
        let id: [UInt8]?
        let storedName: [UInt8]

        init(id: [UInt8]?, storedName: [UInt8]) {
            self.id = id
            self.storedName = storedName
        }
    }

    private enum Parts {
        case id([UInt8])
        case named(Named)
    }

    private let parts: Parts

    /// - Parameters:
    ///   - id: the same for all messages of the author, UTF-8 of at most 1024 bytes; nil if unknown.
    ///   - name: a name to show. It is cut to 128 bytes of UTF-8. An empty one counts as none.
    ///   - isProved: true if the name was proved, for example by a token; false if the author chose it.
    /// - Returns: nil without an id and a name.
    public init?(id: [UInt8]?, name: String? = nil, isProved: Bool = false) {
        // A proved name must not look like a chosen one.
        let name = name.map { isProved ? $0.drop { $0 == "~" } : $0[...] }
        let bytes = Self.prefix(of: name ?? "")
        self.init(id: id, storedName: bytes.isEmpty ? nil : (isProved ? [] : [Self.chosenMark]) + bytes)
    }

    /// - Parameter storedName: the name as in the database. An empty one, or one over the limit, counts as none.
    package init?(id: [UInt8]?, storedName: [UInt8]?) {
        let isChosen = storedName?.first == Self.chosenMark
        if let storedName, (1...Self.maxNameBytes).contains(storedName.count - (isChosen ? 1 : 0)) {
            parts = .named(Named(id: id, storedName: storedName))
        } else if let id {
            parts = .id(id)
        } else {
            return nil
        }
    }

    /// The id, UTF-8; nil if unknown.
    public var id: [UInt8]? {
        switch parts {
        case .id(let id): id
        case .named(let named): named.id
        }
    }

    /// The name, UTF-8; nil if there is none.
    public var name: [UInt8]? {
        storedName.map { $0.first == Self.chosenMark ? Array($0.dropFirst()) : $0 }
    }

    /// True if there is a name and it was proved; false if its author chose it.
    public var isProved: Bool { storedName.map { $0.first != Self.chosenMark } ?? false }

    /// The name as in the database: behind `~` if its author chose it.
    package var storedName: [UInt8]? {
        switch parts {
        case .id: nil
        case .named(let named): named.storedName
        }
    }

    /// The size of the id and the name in bytes.
    package var byteCount: Int { (id?.count ?? 0) + (storedName?.count ?? 0) }

    public static func == (left: MessageAuthor, right: MessageAuthor) -> Bool {
        left.id == right.id && left.storedName == right.storedName
    }

    /// The first bytes of a name, without a part of a character at the end.
    private static func prefix(of name: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in name.unicodeScalars {
            let next = UTF8.encode(scalar).map(Array.init) ?? []
            guard bytes.count + next.count <= maxNameBytes else { break }
            bytes += next
        }
        return bytes
    }
}
