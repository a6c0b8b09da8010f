import Transport

/// An operation that concerns only sockets of one worker and does not pass through the hub.
enum LocalOperation {
    case emit(Broadcast)
    case change(SocketSelection, SocketChange)
    /// Sends an inquiry of this worker, to the hub unless it concerns only sockets of this worker.
    case inquire(UInt64)
}

extension Worker {
    /// Applies a change that the hub has ordered to the selected sockets of this worker.
    func apply(_ change: SocketChange, to selection: SocketSelection) {
        for socket in sockets.recipients(of: selection).sockets {
            switch change {
            case .join(let rooms):
                for room in rooms { joined(socket.id, room) }
                socket.assumeIsolated { $0.roomNames.apply(change) }
            case .leave(let rooms):
                for room in rooms { left(socket.id, room) }
                socket.assumeIsolated { $0.roomNames.apply(change) }
            case .disconnect(close: false):
                socket.assumeIsolated { $0.leaveNamespace() }
            case .disconnect(close: true):
                socket.connection.assumeIsolated { $0.disconnect() }
            }
        }
    }

    func carryOut(_ operation: LocalOperation) {
        switch operation {
        case .emit(let broadcast): emitLocally(broadcast)
        case .change(let selection, let change): changeLocally(change, selection)
        case .inquire(let number): sendInquiry(number)
        }
    }

    /// Sends an event to sockets of this worker. The event is not in the hub's log, so it carries no offset, unless a
    /// client would mistake its last string for one.
    private func emitLocally(_ broadcast: Broadcast) {
        let event = broadcast.event
        let needsOffsets = keepsSessions && event.endsInString
        let frames = needsOffsets ? nil : Frames(utf8: event.text, attachments: event.attachments)
        for socket in sockets.recipients(of: broadcast).sockets {
            socket.assumeIsolated { $0.write(frames ?? $0.frames(of: event), isVolatile: broadcast.isVolatile) }
        }
    }

    private func changeLocally(_ change: SocketChange, _ selection: SocketSelection) {
        for socket in sockets.recipients(of: selection).sockets {
            socket.assumeIsolated { socket in
                switch change {
                case .join(let rooms): socket.join(rooms)
                case .leave(let rooms): for room in rooms { socket.leave(room) }
                case .disconnect(let close): socket.disconnect(close: close)
                }
            }
        }
    }
}
