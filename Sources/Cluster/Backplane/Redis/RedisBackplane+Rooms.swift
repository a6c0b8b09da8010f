import Actors

/// The channels of rooms, in which official servers with sharded pub/sub publish events for one room. This host
/// subscribes to those of the rooms that have members here.
extension RedisBackplane {
    /// The number of channels in one command.
    private static let channelsPerCommand = 1000

    public nonisolated var opensRooms: Bool { pubSub.hasRoomChannels }

    public nonisolated func opens(_ room: BackplaneRoom) -> Bool {
        pubSub.channel(of: room, prefix: url.prefix) != nil
    }

    public nonisolated func change(opening opened: [BackplaneRoom], closing closed: [BackplaneRoom]) {
        assumeIsolated { backplane in
            backplane.openRooms(opened)
            backplane.closeRooms(closed)
        }
    }

    private func openRooms(_ opened: [BackplaneRoom]) {
        var channels: [String] = []
        var refused = 0
        for room in opened {
            guard let channel = pubSub.channel(of: room, prefix: url.prefix) else { continue }
            switch rooms.open(channel, in: room.namespace) {
            case .subscribe: channels.append(channel)
            case .isOpen: break
            case .refused: refused += 1
            }
        }
        if refused > 0 {
            receive?(
                .ignored(
                    reason: "too many rooms have members here, so some events of other servers for rooms do not arrive "
                        + "(at most \(RedisRooms.limit) rooms, with names of \(RedisRooms.nameLimit >> 20) MiB)"))
        }
        subscribe(toRooms: channels)
    }

    private func closeRooms(_ closed: [BackplaneRoom]) {
        var channels: [String] = []
        for room in closed {
            guard let channel = pubSub.channel(of: room, prefix: url.prefix),
                rooms.close(channel, in: room.namespace), subscriptions[channel] == nil
            else { continue }
            channels.append(channel)
        }
        guard isReady, let subscriber else { return }
        for chunk in chunks(of: channels) { subscriber.unsubscribe(.shard, from: chunk) }
    }

    /// Subscribes to channels of rooms. Markers of rooms that are published later wait for the confirmation.
    func subscribe(toRooms channels: [String]) {
        guard isReady, let subscriber else { return }
        for chunk in chunks(of: channels) { roomSubscription = subscriber.subscribe(.shard, to: chunk) }
    }

    private func chunks(of channels: [String]) -> [[String]] {
        stride(from: 0, to: channels.count, by: Self.channelsPerCommand).map { start in
            Array(channels[start..<min(start + Self.channelsPerCommand, channels.count)])
        }
    }

    /// The server has confirmed the subscriptions of a command.
    func confirmed(_ command: UInt64) {
        confirmedSubscription = command
        flush()
    }
}
