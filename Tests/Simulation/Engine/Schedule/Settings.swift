/// How large a run's cluster is. Everything is small, so that every limit is met often.
struct Settings {
    let workers: Int
    let clients: Int
    let steps: Int
    /// What a pipe between two processes holds.
    let pipeCapacity: Int
    /// What the network holds of one client's bytes.
    let networkCapacity: Int
    let ringCapacity: Int
    let pageRows: Int
    /// How many bytes are handed to a client at once, from the stream, the ring or a page, or a little more.
    let pieceLimit: Int
    /// Catch-up writes only while no more than this waits for the client.
    let catchUpMark: Int
    /// Above this a client leaves the live set and misses volatile events.
    let slowMark: Int
    /// Above this a client is disconnected.
    let maxPending: Int
    let maxLogEvents: Int
    /// How often, of a thousand times in which it might, the application puts a client out.
    let putOutRate: Int
    /// How many of a hundred steps are the hub's. A slow one has much on its way.
    let hubShare: Int
    /// How many of a thousand steps are faults.
    let faultRate: Int

    init(_ choices: inout Choices) {
        workers = choices.within(1...3)
        clients = choices.within(2...5)
        steps = choices.within(400...2500)
        pipeCapacity = choices.within(200...3000)
        networkCapacity = choices.within(150...1500)
        ringCapacity = choices.within(0...600)
        pageRows = choices.within(1...4)
        pieceLimit = choices.within(50...300)
        catchUpMark = choices.within(100...500)
        slowMark = catchUpMark + choices.within(100...600)
        maxPending = slowMark + choices.within(100...900)
        maxLogEvents = choices.chance(300) ? choices.within(2...10) : 1000
        putOutRate = choices.chance(250) ? 1000 : 50
        hubShare = choices.within(4...22)
        faultRate = choices.chance(500) ? choices.within(1...8) : choices.within(8...40)
    }
}
