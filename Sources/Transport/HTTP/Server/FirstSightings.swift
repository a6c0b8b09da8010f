/// Reports each text once, up to a limit. The limit keeps clients, which choose the texts, from filling the log or the
/// memory.
struct FirstSightings {
    enum Sighting: Equatable {
        case known
        case first
        /// The first occurrence, and the limit is reached: no other text will be reported.
        case last
    }

    private let limit: Int
    private var seen: Set<String> = []

    /// - Parameter limit: the number of texts that are remembered and reported.
    init(limit: Int = 100) {
        self.limit = limit
    }

    /// Records an occurrence of `text`, of which only the first 256 bytes are compared.
    mutating func record(_ text: String) -> Sighting {
        guard seen.count < limit, seen.insert(Self.logSafe(text)).inserted else { return .known }
        return seen.count < limit ? .first : .last
    }

    /// The first 256 bytes of a text, safe for a log line: every byte that is not visible ASCII is replaced by a
    /// question mark.
    static func logSafe(_ text: String) -> String {
        let bytes = text.utf8.prefix(256).map { HTTPGrammar.isVisible($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
