import Actors
import Testing
import Transport

@testable import Cluster

extension HubHosts {
    /// Three hosts, of which the first is gone. The last one has asked the broker for its session, whose client has
    /// missed an event.
    /// - Parameters:
    ///   - start: the id of the event that the client has.
    ///   - hasLog: false if the last host was not there when the event that the client has missed was sent.
    static func taking(from start: EntryID, hasLog: Bool = true) async throws -> HubHosts {
        let all = try await HubHosts(3, keepsMessages: true, keepsSessions: true)
        all.broker.continueAt(start)
        await all[0].receive(try .register("A"), try .join("A", "r"))
        await all[1].receive(try .emit("seen"))
        await all.settle()
        all[0].backplane.leave()
        await all[1].receive(try .emit("x", to: ["r"]))
        await all.settle()
        if !hasLog { all[2].backplane.deliveryStart.withLock { $0 = EntryID(milliseconds: .max, sequence: 0) } }
        await all[2].receive(try .claim("A", start.description))
        await all.deliver()
        #expect(all[2].backplane.waitingCommands == ["take"])
        return all
    }

    /// True if a host has resumed the session that was taken, with the missed event.
    func hasResumed(at index: Int = 2) -> Bool {
        events(index).contains { $0.hasPrefix("A/\(firstTaken) back in r ") && $0.contains(" x@") }
    }
}
