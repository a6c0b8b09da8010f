import Transport

extension Membership where Group == Room {
    /// Queues events for everyone they are for.
    /// - Parameters:
    ///   - frames: the events as they are for sockets that are up to date.
    ///   - sockets: the worker's sockets by id.
    ///   - apart: the sockets that get the events with offsets of their own.
    func deliver(
        _ run: EventRun, _ frames: Frames, epoch: String?, sockets: [SessionID: Socket], apart: [SessionID: Socket]
    ) {
        let isVolatile = run.audience.isVolatile
        let found: [Socket]
        switch recipients(of: run.audience, among: sockets) {
        case .group(let room) where apart.isEmpty:
            _ = room.assumeIsolated { $0.deliver(frames, isVolatile: isVolatile) }
            return
        case .group(let room): found = room.members
        case .members(let members): found = members
        }
        for socket in found {
            let own = apart[socket.id].map { $0.assumeIsolated { run.frames(epoch: epoch, row: $0.row) } }
            _ = socket.connection.assumeIsolated { $0.send(own ?? frames, isVolatile: isVolatile) }
        }
    }
}
