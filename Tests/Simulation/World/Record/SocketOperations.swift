import Actors
import Transport

/// The numbered operations on sockets of all workers: the answers that the hub must give, and the changes that it has
/// ordered. An exception names each operation, and no socket is in that room.
final class SocketOperations {
    private let record: Record
    private var answers: [String: [FetchedSocket]] = [:]
    private var orderedChanges: Set<String> = []

    init(_ record: Record) {
        self.record = record
    }

    /// The exception that names an operation.
    static func name(_ number: Int) -> String { "operation \(number)" }

    /// Records the answer that the hub must give to a fetch.
    func fetched(_ selection: SocketSelection, _ answer: [FetchedSocket]) {
        for name in selection.exceptions { answers[name] = answer.sorted { $0.id < $1.id } }
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
        let expected = answers[Self.name(number)]
        record.require(
            found == expected, .fetchesAreExact,
            "fetch \(number) returns \(found.map(\.id)) instead of \((expected ?? []).map(\.id))")
    }

    /// Checks that the answer to a fetch exceeds the limit.
    func check(_ number: Int, tooLarge count: Int, limit: Int) {
        record.note(.fetchTooLarge)
        let expected = answers[Self.name(number)] ?? []
        record.require(
            expected.count == count && expected.reduce(0) { $0 + $1.byteCount } > limit, .fetchesAreExact,
            "fetch \(number) of \(expected.count) sockets is refused with the number \(count)")
    }
}
