/// Tells what was not seen before, within a bound: what clients choose must neither fill the log nor the memory.
struct FirstSightings {
    enum Sighting: Equatable {
        case known
        case first
        /// The bound is reached: nothing is a first one after this.
        case last
    }

    private let limit: Int
    private var seen: Set<String> = []

    /// - Parameter limit: how many are remembered, and therefore reported.
    init(limit: Int = 100) {
        self.limit = limit
    }

    /// - Parameter text: only its first 256 bytes count.
    mutating func see(_ text: String) -> Sighting {
        guard seen.count < limit, seen.insert(Self.cut(text)).inserted else { return .known }
        return seen.count < limit ? .first : .last
    }

    /// The beginning of a text as a line of a log may have it: visible ASCII, the rest as question marks.
    static func cut(_ text: String) -> String {
        let bytes = text.utf8.prefix(256).map { HTTPGrammar.isVisible($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
