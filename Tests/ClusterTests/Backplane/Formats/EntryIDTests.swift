import Testing

@testable import Cluster

struct EntryIDTests {
    @Test(arguments: ["0-0", "1526919030474-55", "18446744073709551615-18446744073709551615"])
    func readsAndWritesIDs(text: String) throws {
        #expect(try #require(EntryID(text)).description == text)
    }

    @Test(arguments: ["", "-", "1", "1-", "-1", "01-0", "0-00", "+1-0", "1-2-3", "1-18446744073709551616", "1-a"])
    func refusesOtherTexts(text: String) {
        #expect(EntryID(text) == nil)
    }

    @Test func idsAreOrderedByTimeThenSequence() {
        let ids = ["1-2", "1-10", "2-0", "10-0"].compactMap { EntryID($0) }
        #expect(ids.count == 4 && ids == ids.sorted())
    }
}
