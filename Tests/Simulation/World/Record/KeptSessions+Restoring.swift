import Actors
import Cluster
import Transport

/// What a session must be that a hub takes from the broker.
extension KeptSessions {
    /// The session as the hub that has taken it must find it.
    /// - Parameters:
    ///   - offset: the offset of the client; nil without one.
    ///   - position: the position of the hub.
    func restore(_ value: Value, from offset: Offset?, upTo position: UInt64) -> HubOracle.Session {
        let session = value.session.copy()
        let place = session.place(of: offset)
        let positions = Set(history.lazy.map(\.position))
        // What a host sends to its own clients only dies with it.
        session.forget { $0.place <= place || $0.isVolatile || !positions.contains($0.place.position) }
        session.allow(repeats(for: session, after: place, upTo: value.position))
        for (entry, message) in history where entry > value.position && entry <= position {
            switch message {
            case .change(let selection, let change):
                guard session.isAddressed(by: selection) else { continue }
                if session.apply(change) { session.isDeleted = true }
            case .event(let broadcast):
                guard let number = EventText.number(in: broadcast.event.text), !broadcast.isVolatile,
                    session.isAddressed(by: broadcast), session.place(of: entry) > place
                else { continue }
                _ = session.expect(
                    HubOracle.Entry(
                        place: session.place(of: entry), number: number, isVolatile: mayRepeat(number),
                        byteCount: broadcast.event.byteCount))
            default: break
            }
        }
        session.keptFrom = place
        return session
    }

    /// The latest value of a session that a hub has taken.
    func take(of secret: SessionID, by hub: HubOracle) -> Take? { takes[secret]?.last { $0.taker === hub } }

    /// The step at which another hub has taken a session after the latest take of a hub; nil if none has.
    func laterTake(of secret: SessionID, than take: Take) -> Int? {
        takes[secret]?.last.flatMap { $0.taker === take.taker ? nil : $0.step }
    }

    /// The events that the session's host has applied alone, and that are in the stream.
    private func repeats(
        for session: HubOracle.Session, after place: HubOracle.Place, upTo position: UInt64
    ) -> [HubOracle.Entry] {
        history.compactMap { entry, message in
            guard entry <= position, case .event(let broadcast) = message, broadcast.namespace == session.namespace,
                let number = EventText.number(in: broadcast.event.text), mayRepeat(number),
                session.place(of: entry) > place
            else { return nil }
            return HubOracle.Entry(
                place: session.place(of: entry), number: number, isVolatile: true,
                byteCount: broadcast.event.byteCount)
        }
    }
}
