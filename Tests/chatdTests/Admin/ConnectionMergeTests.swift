import Actors
import Testing
import Transport

@testable import chatd

@Suite("List of connections: the pages of several workers")
struct ConnectionMergeTests {
    private static func id(_ number: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: SessionID.length - digits.count) + digits
    }

    private static func page(_ numbers: [Int], total: Int, more: Bool) -> JSONText {
        [
            "connections": JSONText(array: numbers.map { ["id": JSONText(string: id($0))] }),
            "total": JSONText(integer: total), "more": JSONText(bool: more),
        ]
    }

    @Test("all connections are listed once, in order, whatever the pages")
    func complete() {
        let workers = [Array(stride(from: 0, to: 50, by: 2)), Array(stride(from: 1, to: 9, by: 2)), []]
        var merge = ConnectionMerge(limit: 100)
        repeat {
            merge.add(
                workers.map { all in
                    let rest = all.filter { number in merge.last.map { Self.id(number) > $0.description } ?? true }
                    return Self.page(Array(rest.prefix(4)), total: all.count, more: rest.count > 4)
                })
        } while merge.needsMore
        #expect(merge.connections.compactMap { $0["id"]?.string } == workers.joined().sorted().map(Self.id))
        #expect(merge.total == 29)
    }

    @Test("the limit ends the list")
    func limit() {
        var merge = ConnectionMerge(limit: 3)
        merge.add([Self.page([1, 2, 3, 4], total: 9, more: true)])
        #expect(merge.connections.count == 3 && !merge.needsMore && merge.total == 9)
    }

    @Test("a page that is malformed or repeats itself does not go on for ever")
    func hostile() {
        var merge = ConnectionMerge(limit: 100)
        let repeated = Self.page([1, 2], total: 2, more: true)
        merge.add([repeated, ["more": true], nil, 5])
        #expect(merge.needsMore)
        merge.add([repeated, ["more": true], nil, 5])
        #expect(!merge.needsMore && merge.connections.count == 2)
    }
}
