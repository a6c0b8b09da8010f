import Actors
import TestSupport
import Testing
import Transport

@testable import Cluster

@Suite("Many claims of sessions that this host does not have")
struct ManyClaimsTests {
    private static let start = EntryID(milliseconds: 1_700_000_100_000, sequence: 0)

    private func makeHosts(_ count: Int) async throws -> HubHosts {
        let all = try await HubHosts(count, keepsMessages: true, keepsSessions: true)
        all.broker.continueAt(Self.start)
        return all
    }

    /// The numbers of the events after the rooms in the answer to a claim.
    private func missed(_ event: String) -> [String] {
        event.drop { $0 != ":" }.split(separator: " ").dropFirst().map { String($0.prefix { $0 != "@" }) }
    }

    @Test("the history of a namespace is read once for all its sessions")
    func sharedHistory() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        let letters: [Character] = ["A", "B", "C"]
        var offsets: [String] = []
        for (number, letter) in letters.enumerated() {
            await all[0].receive(try .register(letter), try .join(letter, "r\(letter)"))
            let (milliseconds, sequence) = (UInt64(number / 2), UInt64(number % 2))
            offsets.append(
                EntryID(milliseconds: Self.start.milliseconds + milliseconds, sequence: sequence).description)
            await all[1].receive(try .emit("\(number)"))
            await all.settle()
        }
        all[0].backplane.leave()
        var expected: [Character: [String]] = [:]
        for number in 10..<40 {
            let letter = letters[number % letters.count]
            await all[1].receive(try .emit("\(number)", to: ["r\(letter)"]))
            expected[letter, default: []].append("\(number)")
        }
        await all.settle()
        all[2].backplane.deliveryStart.withLock { $0 = EntryID(milliseconds: .max, sequence: 0) }
        for (letter, offset) in zip(letters, offsets) { await all[2].receive(try .claim(letter, offset)) }
        await all.settle()
        for (number, letter) in letters.enumerated() {
            let start = "\(letter)/\(firstTaken) back in r\(letter)"
            let answer = try #require(all.events(2).first { $0.hasPrefix(start) })
            let early = (number + 1..<letters.count).map { "\($0)" }
            #expect(missed(answer) == early + (expected[letter] ?? []))
        }
        // There are 33 events, and changes of sessions, in pages of two. The first session may be ahead of the others.
        let pages = all.broker.withKeys { ($0.entries.count + 1) / $0.pageCount }
        #expect(all.broker.withKeys { $0.readCount } <= 2 * pages)
    }

    @Test("where entries are gone, only the sessions that need them begin anew")
    func trimmedForSome() async throws {
        let all = try await makeHosts(3)
        defer { all.end() }
        for letter in "AB" {
            await all[0].receive(try .register(letter))
            await all[1].receive(try .emit("seen by \(letter)"))
            await all.settle()
        }
        all[0].backplane.leave()
        await all[1].receive(try .emit("x"), try .emit("y"))
        await all.settle()
        all[2].backplane.deliveryStart.withLock { $0 = EntryID(milliseconds: .max, sequence: 0) }
        let second = EntryID(milliseconds: Self.start.milliseconds, sequence: 1)
        all.broker.withKeys { $0.trim(before: Self.start) }
        await all[2].receive(try .claim("A", Self.start.description), try .claim("B", second.description))
        await all.settle()
        #expect(all.events(2).filter { $0 == "refused" }.count == 1)
        let answer = try #require(all.events(2).first { $0.hasPrefix("B/\(firstTaken) back") })
        #expect(missed(answer) == ["x", "y"])
    }

    @Test("a worker learns that a claim waits for other hosts or the broker, but not for its own sessions")
    func delays() async throws {
        let all = try await makeHosts(2)
        defer { all.end() }
        await all[0].receive(try .register("A"))
        await all.settle()
        await all[0].receive(try .lose("A"))
        await all[0].receive(try .claim("A", nil), try .claim("B", nil))
        #expect(all[0].delayedClaims.count == 1)
        await all.settle()
        #expect(all.events(0).contains { $0.hasPrefix("A/1 back") })
        #expect(all.events(0).last == "refused")
        // Without a connection too, where a session of this host is resumed at once.
        await all.run { [all] in all[0].backplane.deliver(.disconnected(reason: "test")) }
        await all[0].receive(try .lose("A", epoch: 1))
        await all[0].receive(try .claim("B", nil), try .claim("A", nil))
        #expect(all[0].delayedClaims.count == 2)
        #expect(all.events(0).last?.hasPrefix("A/2 back") == true)
        await all.run { [all] in all[0].backplane.deliver(.connected) }
        await all.settle()
        #expect(all.events(0).last == "refused")
        #expect(all[0].delayedClaims.count == 2)
    }
}
