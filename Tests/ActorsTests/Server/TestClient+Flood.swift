import Synchronization

@testable import Transport

extension TestClient {
    /// How far a flood has come.
    final class Flood: Sendable {
        fileprivate let count = Atomic<Int>(0)

        /// How many packets the kernel has taken.
        var sent: Int { count.load(ordering: .relaxed) }
    }

    /// Sends Socket.IO packets from a thread of their own, which waits whenever the server does not read.
    func flood(_ packets: [String]) throws -> Flood {
        let flood = Flood()
        try Thread.start(name: "flood") { [self] in
            for packet in packets {
                send(packet)
                flood.count.add(1, ordering: .relaxed)
            }
        }
        return flood
    }
}
