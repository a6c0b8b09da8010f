import Actors
import Persistence
import TestSupport
import Testing
import Transport

@testable import Cluster

/// Random requests and events, the same for the same seed.
struct CodecGenerator {
    var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    mutating func hubRequest() throws -> HubRequest {
        switch number(below: 18) {
        case 0:
            .register(
                Registration(
                    key: key(), namespace: text(), group: maybe { $0.text() }, privateID: id(),
                    startRow: maybe { $0.row() }, earlierOffset: maybe { $0.text() },
                    lifetime: maybe { .milliseconds($0.number(below: 1 << 40)) }))
        case 1: .unregister(key(), isKept: flag())
        case 2:
            .claim(
                Claim(
                    number: random.next(), namespace: text(), privateID: maybe { $0.id() }, offset: maybe { $0.text() },
                    maxMissedBytes: size(), lifetime: maybe { .milliseconds($0.number(below: 1 << 40)) }))
        case 3: .setData(key(), try json())
        case 4: .join(key(), room: text())
        case 5: .leave(key(), room: text())
        case 6: .emit(broadcast(), sender: maybe { $0.key() })
        case 7:
            .store(
                key(), MessageDraft(clientOffset: maybe { $0.bytes() }, content: bytes(), attribution: author()))
        case 8: .subscribe(key())
        case 9: .change(selection(), change(), sender: maybe { $0.key() })
        case 10: .countWorkers(random.next())
        case 11:
            .fetch(
                SocketFetch(number: random.next(), selection: selection(), maxBytes: size()),
                sender: maybe { $0.key() })
        case 12:
            .inquire(
                Inquiry(number: random.next(), target: target(), maxBytes: size()), sender: maybe { $0.key() })
        case 13: .dismiss(random.next())
        case 14: .answer(report())
        case 15: .open(namespace: text())
        case 16: .reportUse(sharedUse())
        default: .emitToServers(serverEvent())
        }
    }

    mutating func hubEvent() throws -> HubEvent {
        switch number(below: 20) {
        case 0: .registered(id(), position: random.next())
        case 1: .claimed(random.next(), .recovered(try session()))
        case 2: .claimed(random.next(), .refused(trust()))
        case 3: flag() ? .ownershipLost(key()) : .claimDelayed(random.next())
        case 4: .dataRecorded(id())
        case 5: .joined(id(), room: text())
        case 6: .left(id(), room: text())
        case 7: .broadcast(broadcast(), position: random.next())
        case 8: .emitted(maybe { $0.key() }, credit: size())
        case 9: .message(message(), position: random.next())
        case 10: .stored(key(), flag() ? .committed(id: row()) : .failed, credit: size())
        case 11: .subscribed(id(), lastPublished: row(), highest: row())
        case 12: .changed(selection(), change())
        case 13: .carriedOut(maybe { $0.key() }, credit: size())
        case 14: .fetched(random.next(), maybe { $0.key() }, try fetchAnswer(), credit: size())
        case 15: .inquired(random.next(), target())
        case 16: .dismissed(random.next())
        case 17: .answered(report())
        case 18: .usedElsewhere(sharedUse())
        default: .serverEvent(serverEvent())
        }
    }

    private mutating func target() -> Inquiry.Target {
        flag() ? .clients(broadcast()) : .servers(serverEvent())
    }

    private mutating func sharedUse() -> SharedUse {
        SharedUse(
            connections: number(below: 1 << 40),
            addresses: (0..<number(below: 3)).map { _ in
                SharedUse.Address(
                    name: text(), connections: number(below: 1 << 40), sessions: number(below: 9),
                    handshakes: number(below: 2))
            },
            identities: (0..<number(below: 3)).map { _ in
                SharedUse.Identity(
                    id: text(), messages: number(below: 100), bytes: number(below: 1 << 40),
                    historyBytes: number(below: 1 << 40))
            })
    }

    private mutating func serverEvent() -> ServerEvent {
        ServerEvent(namespace: text(), name: text(), arguments: encodedArguments())
    }

    private mutating func encodedArguments() -> EncodedArguments {
        EncodedArguments(text: bytes(), attachments: list { $0.bytes() })
    }

    private mutating func report() -> InquiryReport {
        let states: [InquiryReport.State] = [.open, .complete, .incomplete, .tooLarge, .dropped]
        return InquiryReport(
            number: random.next(),
            answers: list { $0.flag() ? .arguments($0.encodedArguments()) : .failure($0.text()) },
            state: states[number(below: states.count)])
    }

    private mutating func selection() -> SocketSelection {
        SocketSelection(namespace: text(), rooms: list { $0.text() }, exceptions: list { $0.text() })
    }

    private mutating func change() -> SocketChange {
        switch number(below: 3) {
        case 0: .join(list { $0.text() })
        case 1: .leave(list { $0.text() })
        default: .disconnect(close: flag())
        }
    }

    private mutating func fetchAnswer() throws -> FetchAnswer {
        guard flag() else { return flag() ? .tooLarge(count: size()) : flag() ? .workers(size()) : .refused }
        let data = try json()
        return .sockets(
            list { FetchedSocket(id: $0.id(), rooms: $0.list { $0.text() }, data: $0.flag() ? data : nil) })
    }

    mutating func bytes() -> [UInt8] {
        (0..<number(below: 12)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func text() -> String {
        let scalars: [Unicode.Scalar] = ["a", "/", "\u{0}", "ä", "\u{301}", "€", "🏠", "\u{10FFFF}"]
        var text = String.UnicodeScalarView()
        for _ in 0..<number(below: 6) { text.append(scalars[number(below: scalars.count)]) }
        return String(text)
    }

    private mutating func session() throws -> RecoveredSession {
        RecoveredSession(
            key: key(), privateID: id(), rooms: list { $0.text() }, data: flag() ? try json() : nil,
            missed: list { generator in
                PositionedEvent(
                    event: generator.event(), position: generator.random.next(),
                    epoch: generator.flag() ? generator.text() : nil)
            }, startRow: row(), rowLimit: row(), position: random.next())
    }

    private mutating func trust() -> RowTrust {
        switch number(below: 3) {
        case 0: .unlimited
        case 1: .limited(to: row(), row: row())
        default: .foreign
        }
    }

    private mutating func message() -> StoredMessage {
        StoredMessage(
            id: row(), content: bytes(), storedAt: row(), attribution: author(), clientOffset: maybe { $0.bytes() })
    }

    private mutating func author() -> MessageAuthor? {
        MessageAuthor(
            id: maybe { $0.bytes() }, name: maybe { $0.text() }, isProved: number(below: 2) == 0)
    }

    private mutating func broadcast() -> Broadcast {
        Broadcast(
            namespace: text(), rooms: list { $0.text() }, exceptions: list { $0.text() }, event: event(),
            isVolatile: flag())
    }

    private mutating func event() -> EncodedEvent {
        EncodedEvent(text: bytes(), attachments: list { $0.bytes() })
    }

    private mutating func json() throws -> JSONText {
        let texts = ["0", "null", "[]", #"{"a":[true,-1.5e3]}"#, #""ä🏠\u0000""#]
        return try JSONText(validating: Array(texts[number(below: texts.count)].utf8))
    }

    private mutating func key() -> SessionKey {
        SessionKey(id: id(), ownerEpoch: UInt32(truncatingIfNeeded: random.next()))
    }

    private mutating func id() -> SessionID { SessionID(using: &random) }
    private mutating func row() -> Int64 { Int64(bitPattern: random.next()) }
    private mutating func size() -> Int { Int(random.next() >> 1) }
    private mutating func flag() -> Bool { Bool.random(using: &random) }

    private mutating func maybe<Value>(_ make: (inout CodecGenerator) -> Value) -> Value? {
        flag() ? make(&self) : nil
    }

    private mutating func list<Value>(_ make: (inout CodecGenerator) -> Value) -> [Value] {
        var values: [Value] = []
        for _ in 0..<number(below: 4) { values.append(make(&self)) }
        return values
    }
}
