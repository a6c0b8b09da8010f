extension TestClient {
    /// Many packets, of which the kernel takes as many as the server makes room for.
    struct Flood {
        fileprivate let client: TestClient
        /// For each packet, how many bytes have been sent behind it.
        fileprivate let ends: [Int]

        /// How many packets the kernel has taken.
        var sent: Int { ends.count { $0 <= client.sentCount } }
    }

    /// Sends Socket.IO packets.
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
