/// The parts of messages for other hosts that are published together, by namespace.
struct HostMessageBatch {
    private var asks: [String: [SessionQuestion]] = [:]
    private var cuts: [String: [QuestionName]] = [:]
    private var refusals: [String: [QuestionName]] = [:]
    private var kept: [String: [QuestionName]] = [:]

    /// The most questions in one message. Others read a few thousand.
    private static let limit = 1000

    mutating func ask(_ question: SessionQuestion, in namespace: String) {
        asks[namespace, default: []].append(question)
    }

    mutating func cut(_ name: QuestionName, in namespace: String) {
        cuts[namespace, default: []].append(name)
    }

    /// - Parameter keeping: true if this host keeps the session.
    mutating func refuse(_ name: QuestionName, in namespace: String, keeping: Bool = false) {
        if keeping {
            kept[namespace, default: []].append(name)
        } else {
            refusals[namespace, default: []].append(name)
        }
    }

    /// Removes and returns all messages.
    /// - Parameter host: the epoch of this hub.
    mutating func takeAll(of host: String) -> [HostMessage] {
        guard !asks.isEmpty || !cuts.isEmpty || !refusals.isEmpty || !kept.isEmpty else { return [] }
        defer { self = HostMessageBatch() }
        return Self.messages(asks) { .ask($0) } + Self.messages(cuts) { .cut($0) }
            + Self.messages(refusals) { .none($0, host: host, keeps: false) }
            + Self.messages(kept) { .none($0, host: host, keeps: true) }
    }

    private static func messages<Part>(
        _ parts: [String: [Part]], _ content: ([Part]) -> HostMessage.Content
    ) -> [HostMessage] {
        parts.sorted { $0.key < $1.key }.flatMap { namespace, parts in
            stride(from: 0, to: parts.count, by: limit).map { start in
                HostMessage(content(Array(parts[start..<min(start + limit, parts.count)])), in: namespace)
            }
        }
    }
}
