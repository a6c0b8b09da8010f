import Testing
import Transport

@testable import Actors

@Suite("Roster: who gets what, as of the hub's echoes")
struct RosterTests {
    final class Member: RosterMember {
        let key: SessionKey
        let namespaceName: String
        let messageForm: MessageForm
        let name: String
        var id: SessionID { key.id }

        init(_ name: String, in namespace: String = "/", epoch: UInt32 = 0, _ form: MessageForm = .plain) {
            self.name = name
            namespaceName = namespace
            messageForm = form
            key = SessionKey(id: .random(), ownerEpoch: epoch)
        }
    }

    final class Group: MemberGroup {
        private var list = MemberList<Member>()
        var isEmpty: Bool { list.isEmpty }
        var members: [Member] { list.members }
        func contains(_ id: SessionID) -> Bool { list.contains(id) }
        func add(_ member: Member) { list.add(member) }
        func remove(_ id: SessionID) { list.remove(id) }
    }

    private let members = [Member("a"), Member("b"), Member("c"), Member("d", in: "/other")]
    private var roster = Roster<Group> { Group() }

    init() {
        for member in members {
            roster.add(member)
            _ = roster.registered(member.id)
        }
        for (index, room) in [(0, "red"), (1, "red"), (1, "blue"), (2, "blue")] {
            _ = roster.joined(members[index].id, room)
        }
    }

    private func names(to rooms: [String], except: [String] = [], in namespace: String = "/") -> String {
        let audience = Broadcast(
            namespace: namespace, rooms: rooms, exceptions: except, event: EncodedEvent(text: []), isVolatile: false)
        return switch roster.recipients(of: audience) {
        case .group(let group): group.members.map(\.name).joined()
        case .members(let members): members.map(\.name).joined()
        }
    }

    @Test("rooms, exceptions and own rooms; each socket once")
    func recipients() {
        #expect(names(to: []) == "abc")
        #expect(names(to: [], in: "/other") == "d")
        #expect(names(to: [], in: "/nowhere") == "")
        #expect(names(to: ["red", "blue"]) == "abc")
        #expect(names(to: ["blue"], except: ["red"]) == "c")
        #expect(names(to: [members[2].id.description, "red"]) == "cab")
        #expect(names(to: [members[2].id.description]) == "c")
        #expect(names(to: [], except: [members[0].id.description]) == "bc")
        #expect(names(to: [members[3].id.description]) == "", "its own room is in its namespace")
    }

    @Test("a socket that waits for its registration gets nothing")
    func registering() {
        var roster = roster
        let member = Member("e")
        roster.add(member)
        let audience = Broadcast(
            namespace: "/", rooms: [member.id.description], exceptions: [], event: EncodedEvent(text: []),
            isVolatile: false)
        guard case .members(let found) = roster.recipients(of: audience) else {
            Issue.record("a group for one")
            return
        }
        #expect(found.isEmpty)
        #expect(roster[member.id] === member)
    }

    @Test("a socket that is gone is in no room; who waits for its results still finds it, until it has them")
    mutating func leaving() {
        let member = members[1]
        roster.fallBehind(member)
        let isThere = roster.remove(member, awaitsResults: true)
        #expect(isThere)
        #expect(names(to: ["red"]) == "a")
        #expect(names(to: ["blue"]) == "c")
        #expect(roster[member.id] == nil)
        #expect(roster.behind.isEmpty)
        #expect(roster.awaiting(member.key) === member)
        let isStillThere = roster.remove(member, awaitsResults: true)
        #expect(!isStillThere)
        roster.forget(member.key)
        #expect(roster.awaiting(member.key) == nil)
    }

    @Test("when no results come any more, those that are gone are forgotten, and the others stay")
    mutating func takesLeaving() {
        for member in members[...1] { _ = roster.remove(member, awaitsResults: member === members[1]) }
        let taken = roster.takeLeaving()
        #expect(taken.map(\.name) == ["b"])
        #expect(roster.awaiting(members[1].key) == nil)
        #expect(roster.awaiting(members[2].key) === members[2])
    }

    @Test("a session that comes back is in its rooms at once, under its new owner epoch only")
    mutating func adopted() {
        let member = Member("x", epoch: 3)
        roster.adopt(member, rooms: ["red", "new"])
        #expect(names(to: ["red"]) == "abx")
        #expect(names(to: ["new"]) == "x")
        #expect(roster[member.key] === member)
        #expect(roster[SessionKey(id: member.id, ownerEpoch: 2)] == nil)
    }

    @Test("a follower is live, in the form in which it gets messages, or behind", arguments: MessageForm.allCases)
    mutating func following(form: MessageForm) throws {
        let other = try #require(MessageForm.allCases.first { $0 != form })
        let member = Member("x", form)
        roster.add(member)
        roster.fallBehind(member)
        #expect(roster.behind.count == 1)
        #expect(roster.live(form).isEmpty)
        roster.becomeLive(member)
        #expect(roster.behind.isEmpty)
        #expect(roster.live(form).members.map(\.name) == ["x"] && roster.live(other).isEmpty)
        roster.fallBehind(member)
        #expect(roster.live(form).isEmpty)
        roster.becomeLive(member)
        _ = roster.remove(member, awaitsResults: false)
        #expect(roster.live(form).isEmpty)
    }
}
