import Actors
import Testing
import Transport

@testable import Cluster

/// The number of a session's first connection after its host has taken it from the broker, if it had one before.
let firstTaken = SessionRestoration.laterClaims + 1

/// Hubs of several hosts on one loop, with the epochs `one`, `two` and so on, each with one worker. They are connected,
/// and the namespace `/` is open at each.
struct HubHosts: Sendable {
    static let names = ["one", "two", "three"]

    let loop: EventLoop
    let broker: MemoryBroker
    let hosts: [HubHost]

    init(
        _ count: Int, carriesHostMessages: Bool = true, keepsMessages: Bool = false, keepsSessions: Bool = false,
        store: FakeStore? = nil
    ) async throws {
        broker = MemoryBroker(keepsMessages: keepsMessages, keepsSessions: keepsSessions)
        let loop = try EventLoop.start(name: "hubs")
        self.loop = loop
        var hosts: [HubHost] = []
        for name in Self.names.prefix(count) {
            hosts.append(
                await HubHost(
                    on: loop, broker, store: store, epoch: name, carriesHostMessages: carriesHostMessages))
        }
        self.hosts = hosts
        for (index, host) in hosts.enumerated() {
            await run { host.backplane.deliver(.connected) }
            // The first socket of the namespace waits for a marker.
            let key = try SessionKey(Character("\(index)"))
            let secret = try SessionID(try #require("xyz".dropFirst(index).first))
            await host.receive(.register(Registration(key: key, namespace: "/", privateID: secret, startRow: 0)))
            await deliver()
            await host.receive(.unregister(key))
        }
    }

    /// How long a claim waits for other hosts.
    var patience: Duration { hosts[0].backplane.patience / 2 }

    func end() { loop.stop() }

    /// Runs work on the loop.
    func run(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                work()
                continuation.resume()
            }
        }
    }

    /// Delivers the oldest messages.
    func deliver(_ count: Int = .max) async {
        await run { [broker] in broker.deliver(count) }
    }

    /// Writes the sessions that have changed, carries all commands about sessions out, and delivers all messages, until
    /// nothing is left.
    func settle() async {
        var hasWork = true
        while hasWork {
            for host in hosts where !host.backplane.isAway && !host.backplane.isHanging {
                await host.hub.keepChanges(at: ContinuousClock.now)
            }
            hasWork = await withCheckedContinuation { continuation in
                loop.execute { [broker] in
                    let hasMessages = !broker.waiting.isEmpty
                    broker.deliver()
                    continuation.resume(returning: broker.carryOutCommands() || hasMessages)
                }
            }
        }
    }

    subscript(index: Int) -> HubHost { hosts[index] }

    /// The events for the worker of a host, without answers to registrations.
    func events(_ index: Int) -> [String] { hosts[index].events }
}
