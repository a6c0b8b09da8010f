import Testing

@testable import Cluster

@Suite("The place of a host in the stream")
struct StreamReadingTests {
    private var reading = StreamReading()

    private func id(_ number: Int) -> EntryID { EntryID(milliseconds: UInt64(number), sequence: 0) }

    private func facts(_ last: Int?, added: Int? = nil, run: String? = "run") -> StreamReading.Facts {
        StreamReading.Facts(run: run, last: last.map { id($0) }, added: added)
    }

    private mutating func connected(_ facts: StreamReading.Facts) -> Bool { reading.connected(facts) }

    private mutating func placeIsGone(_ facts: StreamReading.Facts, _ ids: [EntryID]) -> Bool {
        reading.placeIsGone(facts, ids)
    }

    private mutating func read(_ numbers: Int...) { reading.read(numbers.map { id($0) }, byteCount: 1) }

    @Test("it begins at the end of the stream")
    mutating func begin() {
        #expect(!connected(facts(7, added: 70)))
        #expect(reading.place == id(7))
        read(8, 9)
        #expect(reading.place == id(9))
    }

    @Test("after an outage it continues, if the server is the same and has what was read")
    mutating func again() {
        _ = connected(facts(7, added: 70))
        read(8)
        #expect(!connected(facts(9, added: 72)))
        #expect(reading.place == id(8))
    }

    @Test("a server that is another one, or says nothing, or has lost entries, may have lost some that were not read")
    mutating func lost() {
        _ = connected(facts(7, added: 70))
        #expect(connected(facts(9, added: 72, run: "other")))
        #expect(reading.place == id(7))
        #expect(connected(facts(9, added: 72, run: nil)))
        #expect(connected(facts(9, added: 72, run: nil)))
        #expect(connected(facts(5, added: 50, run: "run")))
        #expect(reading.place == id(5), "from there, everything is read again")
        #expect(connected(facts(nil, run: "run")))
        #expect(reading.place == id(0))
    }

    @Test("what was trimmed was read, if as many entries were added as were read")
    mutating func trimmed() {
        _ = connected(facts(7, added: 70))
        read(8)
        #expect(!placeIsGone(facts(10, added: 73), [id(9), id(10)]))
        read(9, 10)
        #expect(placeIsGone(facts(12, added: 76), [id(12)]), "one of them was not read")
        read(12)
        #expect(!placeIsGone(facts(13, added: 77), [id(13)]))
        read(13)
        #expect(placeIsGone(facts(15, added: 79), [id(14)]), "there are more, so their number says nothing")
        read(14)
        #expect(placeIsGone(facts(15, added: 79), [id(15)]))
        read(15)
        #expect(!placeIsGone(facts(16, added: 80), [id(16)]))
    }

    @Test("servers before version 7 do not tell how many were added, and a gap is told once")
    mutating func oldServer() {
        _ = connected(facts(7))
        #expect(placeIsGone(facts(8), [id(8)]))
        read(8)
        #expect(placeIsGone(facts(8), []))
        #expect(!placeIsGone(facts(8), []))
        #expect(placeIsGone(facts(9), [id(9)]))
        read(9)
        #expect(placeIsGone(facts(9), []))
    }

    @Test("the broker may tell any number", arguments: [Int.max, .min])
    mutating func numbers(added: Int) {
        _ = connected(facts(7, added: added))
        read(8)
        _ = placeIsGone(facts(9, added: added), [id(9)])
        read(9, 10)
        #expect(reading.place == id(10))
    }

    @Test("a stream that does not exist yet, or is deleted, is one gap at most")
    mutating func deleted() {
        #expect(!connected(facts(nil)))
        #expect(!placeIsGone(facts(nil), []))
        #expect(!placeIsGone(facts(3, added: 2), [id(2), id(3)]))
        read(2, 3)
        #expect(placeIsGone(facts(nil), []))
        #expect(!placeIsGone(facts(nil), []))
        #expect(reading.place == id(0))
        #expect(!placeIsGone(facts(1, added: 1), [id(1)]))
    }

    @Test("large entries are read a few at once, and one that is too large is skipped")
    mutating func sizes() {
        _ = connected(facts(7, added: 70))
        reading.read([id(8)], byteCount: 50 << 20)
        #expect(reading.count == 25)
        reading.read((9..<34).map { id($0) }, byteCount: 1)
        #expect(reading.count == 50)
        func entry(_ number: Int, isKept: Bool = true) -> StreamCommands.Entry {
            StreamCommands.Entry(id: id(number), fields: isKept ? [[1]] : nil)
        }
        func fitting(_ entries: StreamCommands.Entry...) -> [EntryID] { reading.fitting(entries).map(\.id) }
        #expect(fitting(entry(40), entry(41)) == [id(40), id(41)] && reading.count == 50)
        #expect(fitting(entry(40), entry(41, isKept: false), entry(42)) == [id(40)] && reading.count == 1)
        #expect(fitting(entry(41, isKept: false)) == [id(41)], "it does not fit alone either")
    }
}
