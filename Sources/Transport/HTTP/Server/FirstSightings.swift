/// Reports each text once, up to a limit. Clients choose the texts, so they must fill neither the log nor the memory.
struct FirstSightings {
    enum Sighting: Equatable {
        case known
        case first
        /// The first occurrence of the last text to be reported, because the limit is reached.
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
