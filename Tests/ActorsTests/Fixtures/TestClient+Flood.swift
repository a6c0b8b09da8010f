extension TestClient {
    /// A series of packets, of which the kernel accepts more whenever the server reads.
    struct Flood {
        fileprivate let client: TestClient
        /// For each packet, the client's total output up to the packet's end, in bytes.
        fileprivate let ends: [Int]

        /// The number of packets that the kernel has accepted.
        var sent: Int { ends.count { $0 <= client.sentCount } }
    }

    /// Queues Socket.IO packets.
    func flood(_ packets: [String]) -> Flood {
        var ends: [Int] = []
        var end = queuedCount
        for packet in packets {
            let frame = ClientFrames.text("4" + packet)
            end += frame.count
            ends.append(end)
            send(frames: frame)
        }
        return Flood(client: self, ends: ends)
    }
}
