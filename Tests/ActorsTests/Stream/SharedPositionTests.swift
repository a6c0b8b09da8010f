import Testing

@testable import Actors

@Suite("Positions in a stream that several hubs read")
struct SharedPositionTests {
    private func position(_ milliseconds: UInt64, _ sequence: UInt64) throws -> SharedPosition {
        try #require(SharedPosition(milliseconds: milliseconds, sequence: sequence))
    }

    @Test("a position has the id of its entry")
    func id() throws {
        for (milliseconds, sequence) in [(0, 0), (1_526_919_030_474, 55), ((1 << 42) - 1, (1 << 16) - 1)] {
            let place = try position(UInt64(milliseconds), UInt64(sequence))
            #expect(place.milliseconds == milliseconds && place.sequence == sequence && place.isEntry)
            #expect(place.next.milliseconds == milliseconds && place.next.sequence == sequence && !place.next.isEntry)
        }
    }

    @Test("an id that is too large has none")
    func tooLarge() {
        #expect(SharedPosition(milliseconds: 1 << 42, sequence: 0) == nil)
        #expect(SharedPosition(milliseconds: 0, sequence: 1 << 16) == nil)
        #expect(SharedPosition(milliseconds: .max, sequence: .max) == nil)
    }

    @Test("the places after an entry are before the next entry, and end")
    func places() throws {
        let entry = try position(7, 3)
        var place = entry
        for number in 1...SharedPosition.lastNumber {
            #expect(place.next.value > place.value)
            place = place.next
            #expect(place.number == number && place.entry == entry)
        }
        #expect(place.isLast && place.next == place)
        #expect(try place.value < position(7, 4).value)
        #expect(try position(7, 65_535).value < position(8, 0).value)
    }

    @Test("the offset of an entry is its id, unless it names a stored message")
    func offsets() throws {
        let terms = HubTerms(epoch: "abc", keepsSessions: true, sharesPositions: true)
        let entry = try position(12, 5)
        #expect(text(terms.offset(at: entry.value, row: nil)) == "12-5")
        #expect(text(terms.offset(at: entry.value, row: 9)) == "abc.\(entry.value).9")
        #expect(text(terms.offset(at: entry.next.value, row: nil)) == "abc.\(entry.value + 1)")
        let counted = HubTerms(epoch: "abc", keepsSessions: true)
        #expect(text(counted.offset(at: entry.value, row: nil)) == "abc.\(entry.value)")
    }

    @Test("each form of an offset is read as it was written")
    func roundTrip() throws {
        let terms = HubTerms(epoch: "a-c", keepsSessions: true, sharesPositions: true)
        let entry = try position(1_526_919_030_474, 65_535)
        for place in [entry, entry.next] {
            for row in [nil, 3] as [Int64?] {
                let offset = terms.offset(at: place.value, row: row)
                #expect(Offset(text(offset)) == offset)
            }
        }
    }

    @Test(
        "texts that are no ids of entries are refused",
        arguments: ["-", "1-", "-1", "1-2-3", "+1-2", "1-65536", "4398046511104-0", "1", "a-1", "1-1 ", "１-1"])
    func malformed(text: String) {
        #expect(Offset(text) == nil)
    }

    private func text(_ offset: Offset) -> String {
        var bytes: [UInt8] = []
        offset.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
