import Testing

@testable import Transport

@Suite("The end of an Engine.IO session")
struct SessionEndTests {
    @Test("whatever happens, a session ends with its WebSocket or its probe", arguments: 0..<300 as Range<UInt64>)
    func endsWithItsSockets(seed: UInt64) {
        var client = RandomClient(seed: seed)
        for _ in 0..<100 {
            let before = client.session.phase
            let actions = client.step()
            guard actions.contains(where: { if case .end = $0 { true } else { false } }) else { continue }
            switch before {
            case .webSocket:
                #expect(actions.contains(.closeWebSocket) || actions.contains(.resetWebSocket))
            case .probing:
                // The WebSocket of a client that upgrades stays open until the upgrade's deadline.
                let isUpgrading = if case .closingUpgrade = client.session.phase { true } else { false }
                #expect(isUpgrading || actions.contains(.closeProbe))
            default:
                break
            }
            return
        }
    }
}

/// A client whose steps and losses are random. It sends no POST before the last one is answered or lost.
private struct RandomClient {
    var session: EngineStateMachine
    private var random: WebSocketTestGenerator
    private var now = ContinuousClock.now
    private var number = 0
    private var isPosting = false

    init(seed: UInt64) {
        random = WebSocketTestGenerator(seed: seed)
        session = EngineStateMachine(options: EngineOptions(), isWebSocket: false, now: now)
    }

    private mutating func nextStamp() -> RequestStamp? {
        number += 1
        return RequestStamp(Array("\(number)".utf8)[...], now: .zero)
    }

    mutating func step() -> [EngineStateMachine.Action] {
        switch Int.random(in: 0..<20, using: &random) {
        case 0, 1:
            guard !session.isPollWaiting else { return session.pollAbandoned(at: now) }
            return session.pollArrived(nextStamp(), at: now)
        case 2, 3:
            guard !isPosting, session.isPolling else { return [] }
            isPosting = true
            return session.postArrived(Array("4a".utf8), nextStamp(), at: now)
        case 4, 5:
            guard isPosting else { return [] }
            isPosting = false
            return session.postAbandoned(at: now)
        case 6:
            isPosting = false
            session.postAnswered()
        case 7, 8:
            _ = session.probeArrived(at: now)
        case 9...12:
            guard case .probing(let isAnswered, _) = session.phase else { return [] }
            return session.probeReceived(.text(Array((isAnswered ? "5" : "2probe").utf8)), at: now)
        case 13:
            session.setReading(Bool.random(using: &random), at: now)
        case 14:
            session.enqueue(Frames(text: "4b"))
        case 15 where Int.random(in: 0..<4, using: &random) == 0:
            return session.close(.forcedClose, isFinal: Bool.random(using: &random), at: now)
        case 16 where Int.random(in: 0..<4, using: &random) == 0:
            return session.abort(.transportError)
        default:
            now += .milliseconds(Int.random(in: 1...4000, using: &random))
            return session.due(at: now).actions
        }
        return []
    }
}
