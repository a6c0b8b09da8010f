import Testing

@testable import Transport

@Suite("A client on a lossy network, which repeats requests as browsers do")
struct LossyNetworkTests {
    @Test("each packet arrives exactly once and in order, in both directions", arguments: 0..<300 as Range<UInt64>)
    func exactlyOnce(seed: UInt64) {
        var network = LossyNetwork(seed: seed)
        for _ in 0..<200 { network.step() }
        network.finish()
        #expect(network.clientReceived == network.serverSent)
        #expect(network.serverReceived == network.clientSent)
        #expect(network.session.queue.byteCount == 0)
        #expect(network.lost > 10, "the network lost answers")
    }
}

/// A session between a server and a client with at most one GET and one POST in flight.
private struct LossyNetwork {
    var session: EngineStateMachine
    private(set) var serverSent: [String] = []
    private(set) var clientReceived: [String] = []
    private(set) var clientSent: [String] = []
    private(set) var serverReceived: [String] = []
    private(set) var lost = 0

    private let now = ContinuousClock.now
    private var random: WebSocketTestGenerator
    private var getNumber = 1
    private var isGetAtServer = false
    private var post: (number: Int, body: String)?
    private var postNumber = 0
    private var hasPostBegun = false
    private var losesAnswers = true
    private let upgrades: Bool

    init(seed: UInt64) {
        random = WebSocketTestGenerator(seed: seed)
        upgrades = seed % 2 == 0
        session = EngineStateMachine(options: EngineOptions(), isWebSocket: false, now: now)
    }

    private func stamp(_ number: Int) -> RequestStamp? { RequestStamp(Array("\(number)".utf8)[...], now: .zero) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func isLost() -> Bool {
        guard losesAnswers, chance(40) else { return false }
        lost += 1
        return true
    }

    mutating func step() {
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1: emit()
        case 2, 3: perform(session.flushPoll())
        case 4: loseConnection()
        case 5: sendPost()
        case 6: deliverLateCopy()
        // The client may notice a lost connection before the server does.
        default: if !isGetAtServer || isLost() { sendGet() }
        }
    }

    private mutating func emit() {
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            serverSent.append("4\(serverSent.count)")
            session.enqueue(Frames(text: serverSent[serverSent.count - 1]))
        }
    }

    private mutating func sendGet() {
        isGetAtServer = true
        perform(session.pollArrived(stamp(getNumber), at: now))
    }

    private mutating func loseConnection() {
        lost += 1
        if isGetAtServer {
            isGetAtServer = false
            perform(session.pollAbandoned(at: now))
        }
    }

    private mutating func sendPost() {
        if post == nil {
            postNumber += 1
            clientSent.append("4\(postNumber)")
            post = (postNumber, clientSent[clientSent.count - 1])
        }
        guard let (number, body) = post else { return }
        if chance(30) {
            if session.postBegan(stamp(number)).contains(.receivePost) { hasPostBegun = true }
            if isLost() {
                if hasPostBegun, chance(50) {
                    hasPostBegun = false
                    perform(session.postAbandoned(at: now))
                }
                return
            }
        }
        let actions = session.postArrived(Array(body.utf8), stamp(number), hasBegun: hasPostBegun, at: now)
        hasPostBegun = false
        perform(actions)
    }

    /// Delivers a copy of a request whose answer the client already has. The client ignores the answer to the copy.
    private mutating func deliverLateCopy() {
        let age = Int.random(in: 1...6, using: &random)
        if chance(50), getNumber > age {
            let actions = session.pollArrived(stamp(getNumber - age), at: now)
            let isAnsweredAtOnce = [[.answerNoop], [.holdPoll]].contains(Array(actions.prefix(1)))
            #expect(isAnsweredAtOnce && actions.count == (actions == [.answerNoop] ? 1 : 2), "\(actions)")
        } else if postNumber - (post == nil ? 0 : 1) >= age {
            let number = postNumber - (post == nil ? 0 : 1) - age + 1
            #expect(session.postArrived(Array("4\(number)".utf8), stamp(number), at: now) == [.answerPost])
            session.postAnswered()
        }
    }

    private mutating func perform(_ actions: [EngineStateMachine.Action]) {
        for action in actions {
            switch action {
            case .deliver(let messages):
                for case .text(let text) in messages { serverReceived.append(String(decoding: text, as: UTF8.self)) }
            case .answerPost:
                session.postAnswered()
                if !isLost() { post = nil }
            case .answerPoll(let payload):
                isGetAtServer = false
                guard !isLost() else { break }
                getNumber += 1
                clientReceived += String(decoding: payload, as: UTF8.self).split(separator: "\u{1E}").map(String.init)
            case .holdPoll, .dropPoll, .receivePost, .dropPost:
                break
            default:
                Issue.record("\(action)")
            }
        }
    }

    /// Stops losing answers, and delivers the remaining packets by polling or by an upgrade.
    mutating func finish() {
        losesAnswers = false
        if post != nil { sendPost() }
        while !isGetAtServer { sendGet() }
        perform(session.flushPoll())
        if upgrades {
            if !isGetAtServer { sendGet() }
            emit()
            _ = session.probeArrived(at: now)
            for action in session.probeReceived(.text(Array("2probe".utf8)), at: now) {
                if case .answerPoll = action { perform([action]) }
            }
            clientReceived.removeAll { $0 == "6" }
            #expect(session.probeReceived(.text(Array("5".utf8)), at: now) == [.adoptProbe])
            clientReceived += session.takeQueue().map { String(decoding: $0.bytes.dropFirst(2), as: UTF8.self) }
        } else {
            while !isGetAtServer { sendGet() }
        }
    }
}
