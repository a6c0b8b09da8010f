import Actors
import Glibc
import TestSupport
import Testing
import Transport

@testable import ChatApplication

@Suite("Bans: the list and its file")
struct BanListTests {
    private func target(_ text: String) throws -> ModerationTarget { try #require(ModerationTarget(text)) }

    private func ban(_ text: String, until seconds: Int, reason: String? = nil) throws -> Ban {
        Ban(target: try target(text), until: .seconds(seconds), reason: reason)
    }

    @Test(
        "a target is a connection, a user or an address",
        arguments: [
            ("user:ada", "user:ada"), ("203.0.113.7", "address:203.0.113.7"),
            ("address:203.0.113.7", "address:203.0.113.7"), ("::ffff:203.0.113.7", "address:203.0.113.7"),
            ("2001:db8::1", "address:2001:db8::/64"), ("2001:db8::/64", "address:2001:db8::/64"),
            ("AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA"), ("user:", nil), ("", nil), ("2001:db8::1/64", nil),
            ("[2001:db8::1]", "address:2001:db8::/64"), ("address:[2001:db8::1]", "address:2001:db8::/64"),
            ("[203.0.113.7]", nil), ("[2001:db8::1", nil), ("[user:ada]", nil), ("203.0.113.7/64", nil),
            ("2001:db8::/48", nil), ("address:AAAAAAAAAAAAAAAAAAAA", nil), ("nobody", nil),
        ] as [(String, String?)])
    func targets(text: String, description: String?) {
        #expect(ModerationTarget(text)?.description == description)
    }

    @Test("a ban that is written and read again ends in the same millisecond")
    func milliseconds() throws {
        for milliseconds in 1_796_010_731_000..<1_796_010_732_000 {
            let ban = Ban(target: try target("user:ada"), until: .milliseconds(milliseconds))
            #expect(ban.notice.until == milliseconds)
            #expect(Ban(line: Array("\(ban.json)".utf8)[...])?.notice == ban.notice)
        }
    }

    @Test("a ban holds until its end")
    func ends() throws {
        var list = BanList()
        let isAdded = list.add(try ban("user:ada", until: 100))
        #expect(isAdded)
        let (ada, bob) = (try target("user:ada"), try target("user:bob"))
        #expect(list.ban(of: [ada], at: .seconds(99)) != nil)
        #expect(list.ban(of: [ada], at: .seconds(100)) == nil)
        #expect(list.ban(of: [bob], at: .zero) == nil)
        list.removeEnded(at: .seconds(100))
        #expect(list.count == 0)
    }

    @Test("the client learns of the ban that ends last")
    func last() throws {
        var list = BanList()
        _ = list.add(try ban("user:ada", until: 100))
        _ = list.add(try ban("203.0.113.7", until: 200))
        let targets = [try target("user:ada"), try target("203.0.113.7")]
        #expect(list.ban(of: targets, at: .zero)?.until == .seconds(200))
    }

    @Test("a second ban of the same target replaces the first; a full list takes only those")
    func capacity() throws {
        var list = BanList()
        for number in 0..<BanList.capacity { _ = list.add(try ban("user:\(number)", until: 100)) }
        let (isFull, isReplaced) = (
            !list.add(try ban("user:one more", until: 100)), list.add(try ban("user:7", until: 200))
        )
        #expect(isFull && isReplaced && list.count == BanList.capacity)
        let isRemoved = list.remove(try target("user:7"))
        #expect(isRemoved && list.count == BanList.capacity - 1)
    }

    @Test("the file has what the list has, and keeps lines that are not understood, with their numbers")
    func lines() throws {
        var list = BanList()
        _ = list.add(try ban("user:ada \"x\"\n", until: 100, reason: "two\nlines"))
        _ = list.add(try ban("2001:db8::1", until: 200))
        #expect(BanList(lines: list.lines) == list)
        let foreign = Array("{\"target\":\"AAAAAAAAAAAAAAAAAAAA\",\"until\":5}\nnonsense \n\n".utf8) + [0xFF, 0x0A]
        var damaged = BanList(lines: foreign + list.lines)
        #expect(damaged.count == 2 && damaged.malformedLines.map(\.number) == [1, 2, 4])
        damaged.removeEnded(at: .seconds(150))
        let rewritten = BanList(lines: damaged.lines)
        #expect(rewritten.count == 1 && rewritten.malformedLines.map(\.number) == [2, 3, 4])
        #expect(damaged.lines.suffix(12).elementsEqual(Array("nonsense \n".utf8) + [0xFF, 0x0A]))
    }

    @Test("of two bans of one target in the file, the longer one holds; more than the capacity are in force")
    func tooManyLines() throws {
        var text: [UInt8] = []
        for (name, seconds) in [("ada", 200), ("ada", 100)] + (0..<BanList.capacity).map({ ("\($0)", 100) }) {
            text += Array(try ban("user:\(name)", until: seconds).json.utf8) + [0x0A]
        }
        var list = BanList(lines: text)
        #expect(list.count == BanList.capacity + 1 && list.count(at: .seconds(150)) == 1)
        let ada = try target("user:ada")
        #expect(list.ban(of: [ada], at: .zero)?.until == .seconds(200))
        let isAdded = list.add(try ban("user:new", until: 100))
        #expect(!isAdded)
    }

    @Test("a file that cannot be read is not the same as none, and leaves the last known bans in force")
    func unreadable() throws {
        let directory = try TemporaryDirectory([:])
        let path = directory.path + "/a.bans"
        let file = BanFile(path)
        #expect(try file.read() == BanList())
        var list = BanList()
        _ = list.add(try ban("user:ada", until: 100))
        try file.write(list)
        // A directory cannot be read, also by root.
        #expect(rename(path, path + ".old") == 0 && mkdir(path, 0o700) == 0)
        #expect(throws: BanFile.Unreadable(path: path, cause: SystemError("read", code: EISDIR))) { try file.read() }
        #expect(file.list == list)
        #expect(throws: BanFile.Unreadable.self) { try BanFile(path).read() }
        // A process may start with bans that another one knows, and only with them.
        #expect(throws: BanFile.Unreadable.self) { try BanFile(path).start() }
        let successor = BanFile(path, lastKnown: BanList(lines: Array(list.validLines.utf8)))
        #expect(throws: BanFile.Unreadable.self) { try successor.read() }
        try successor.start()
        #expect(successor.list == list)
        #expect(rmdir(path) == 0)
        #expect(try file.read() == BanList())
        #expect(successor.list == BanList())
        withExtendedLifetime(directory) {}
    }

    @Test("other processes see a written file at once")
    func file() throws {
        let directory = try TemporaryDirectory([:])
        let (writer, reader) = (BanFile(directory.path + "/a.bans"), BanFile(directory.path + "/a.bans"))
        #expect(reader.list == BanList())
        for number in 1...20 {
            var list = BanList()
            _ = list.add(try ban("user:\(number)", until: 100))
            try writer.write(list)
            #expect(reader.list == list)
        }
        let missing = BanFile(directory.path + "/missing/a.bans")
        #expect(throws: SystemError.self) { try missing.write(BanList()) }
        withExtendedLifetime(directory) {}
    }

    @Test("a line with an end that is no time bans nobody", arguments: [-1, 1 << 53 + 1, Int.max - 100, Int.max])
    func ends(until: Int) {
        let line = Array(#"{"target":"user:eve","until":\#(until)}"#.utf8)
        #expect(BanList(lines: line).count == 0 && BanList(lines: line).malformedLines.count == 1)
    }

    @Test("the latest end can be told to clients")
    func latestEnd() {
        let list = BanList(lines: Array(#"{"target":"user:eve","until":\#(1 << 53)}"#.utf8))
        #expect(list.all.first?.connectError.data?["until"]?.integer == 1 << 53)
    }
}
