import Actors
import Transport

/// The numbered operations on sockets of all workers: the answers that the hub must give, and the changes that it has
/// ordered. An exception names each operation, and no socket is in that room.
final class SocketOperations {
    private let record: Record
    /// The parts of the answers, of each host that has one, by the host's node.
    private var answers: [String: [String: [FetchedSocket]]] = [:]
    /// The nodes of the other hosts that were asked.
    private var askedNodes: [String: Set<String>] = [:]
    private var orderedChanges: Set<String> = []

    init(_ record: Record) {
        self.record = record
    }

    /// The exception that names an operation.
    static func name(_ number: Int) -> String { "operation \(number)" }

    /// Records the answer that a hub must give to a fetch.
    /// - Parameter node: the name of its host among several; empty for one host.
    func fetched(_ selection: SocketSelection, _ answer: [FetchedSocket], at node: String, isOwn: Bool) {
        for name in selection.exceptions {
            if isOwn { answers[name] = [:] }
            answers[name]?[node] = answer
        }
    }

    /// Records which other hosts the broker has asked for their sockets.
    func asked(_ selection: SocketSelection, _ nodes: Set<String>) {
        for name in selection.exceptions where answers[name] != nil { askedNodes[name] = nodes }
    }

    /// Records that the hub has ordered a change.
    func ordered(_ selection: SocketSelection) {
        orderedChanges.formUnion(selection.exceptions)
    }

    func hasOrdered(_ number: Int) -> Bool { orderedChanges.contains(Self.name(number)) }

    /// Checks the result of a fetch.
    func check(_ number: Int, _ sockets: [RemoteSocket]) {
        record.note(.socketsFetched)
        let found = sockets.map {
            FetchedSocket(id: $0.id, rooms: $0.rooms.subtracting([$0.id.description]).sorted(), data: $0.data)
        }
        let expected = answer(to: number)
        record.require(
            found == expected, .fetchesAreExact,
            "fetch \(number) returns \(found.map(\.id)) instead of \((expected ?? []).map(\.id))")
    }

    /// The sockets of all hosts that were asked; nil if one of them has not answered, or if none was asked.
    private func answer(to number: Int) -> [FetchedSocket]? {
        let name = Self.name(number)
        guard let parts = answers[name], (askedNodes[name] ?? []).allSatisfy({ parts[$0] != nil }) else { return nil }
        return parts.values.joined().sorted { $0.id < $1.id }
    }

    /// Checks that the answer to a fetch exceeds the limit.
    func check(_ number: Int, tooLarge count: Int, limit: Int) {
        record.note(.fetchTooLarge)
        let parts = answers[Self.name(number)] ?? [:]
        let expected = answer(to: number) ?? []
        let isTooLarge = { (sockets: [FetchedSocket]) in
            sockets.count == count && sockets.reduce(0) { $0 + $1.byteCount } > limit
        }
        record.require(
            // A host whose own sockets are too many asks no others.
            isTooLarge(expected) || parts.values.contains(where: isTooLarge), .fetchesAreExact,
            "fetch \(number) of \(expected.count) sockets is refused with the number \(count)")
    }
}
