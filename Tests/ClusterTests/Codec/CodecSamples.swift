import Actors
import Persistence
import Testing
import Transport

@testable import Cluster

/// Values of every case, with the fields that are easiest to get wrong: empty, extreme, missing, and with characters of
/// several bytes.
enum CodecSamples {
    private static let texts = ["", "/", "räume 🏠\u{0}", String(repeating: "x", count: 70_000)]

    /// A value of each kind, with and without a label.
    static var metrics: MetricSamples {
        var histogram = Histogram()
        histogram.observe(.milliseconds(3), count: 2)
        histogram.observe(.seconds(77))
        var samples = MetricSamples()
        samples.add(.connections, "polling", number: .max)
        samples.add(.connections, "websocket", number: 0)
        samples.add(.cpuTime, duration: .nanoseconds(3_000_000_001))
        samples.add(.acknowledgementTime, histogram)
        return samples
    }

    static func requests() throws -> [HubRequest] {
        let key = try SessionKey("A", epoch: 7)
        let last = try SessionKey("_", epoch: .max)
        let secret = try SessionID("-" as Character)
        let fixed: [HubRequest] = [
            .register(Registration(key: key, namespace: "", privateID: secret, startRow: nil)),
            .register(
                Registration(key: last, namespace: "/räume", group: "", privateID: secret, startRow: .min)),
            .register(
                Registration(
                    key: key, namespace: "/", group: "gruppe 🏠", privateID: secret, startRow: .max,
                    earlierOffset: "1-2", lifetime: .milliseconds(1))),
            .unregister(key, isKept: false), .unregister(last, isKept: true),
            .claim(Claim(number: 0, namespace: "/", privateID: nil, offset: nil, maxMissedBytes: 0)),
            .claim(Claim(number: .max, namespace: "", privateID: secret, offset: "", maxMissedBytes: .max)),
            .claim(
                Claim(number: 1, namespace: "", privateID: secret, offset: nil, maxMissedBytes: 1, lifetime: .zero)),
            .setData(key, try JSONText(validating: Array("null".utf8))),
            .setData(last, try JSONText(validating: Array(#"{"ä":[1,"🏠",{}]}"#.utf8))),
            .countWorkers(0), .countWorkers(.max),
            .subscribe(key), .subscribe(last), .store(key, MessageDraft(clientOffset: nil, content: [])),
            .store(last, MessageDraft(clientOffset: [], content: [0, 0xFF], author: [])),
            .store(
                last,
                MessageDraft(clientOffset: Array("tab-1".utf8), content: Array(texts[3].utf8), author: [0, 0xFF])),
            .store(last, MessageDraft(clientOffset: nil, content: [1], author: Array("ann".utf8))),
            .store(
                last,
                MessageDraft(clientOffset: nil, content: [], attribution: MessageAuthor(id: [0xFF], name: "Ann 🏠"))),
            .store(last, MessageDraft(clientOffset: nil, content: [], attribution: MessageAuthor(id: nil, name: "A"))),
        ]
        let rooms: [HubRequest] = texts.flatMap { [HubRequest.join(key, room: $0), .leave(last, room: $0)] }
        let emits = broadcasts.flatMap { [HubRequest.emit($0, sender: nil), .emit($0, sender: last)] }
        let operations = zip(selections, changes).flatMap { selection, change in
            [
                HubRequest.change(selection, change, sender: nil), .change(selection, change, sender: last),
                .fetch(SocketFetch(number: 0, selection: selection, maxBytes: 0), sender: nil),
                .fetch(SocketFetch(number: .max, selection: selection, maxBytes: .max), sender: key),
            ]
        }
        let inquiries = targets.flatMap { target in
            [
                HubRequest.inquire(Inquiry(number: 0, target: target, maxBytes: 0), sender: nil),
                .inquire(Inquiry(number: .max, target: target, maxBytes: .max), sender: last),
            ]
        }
        return fixed + rooms + emits + operations + inquiries + [.dismiss(0), .dismiss(.max), .open(namespace: "/n")]
            + reports.map { HubRequest.answer($0) } + serverEvents.map { HubRequest.emitToServers($0) }
            + uses.map { .reportUse($0) }
    }

    static func events() throws -> [HubEvent] {
        let (id, key) = (try SessionID("A" as Character), try SessionKey("Z", epoch: .max))
        let fixed: [HubEvent] = [
            .registered(id, position: 0), .registered(id, position: .max), .claimed(1, .refused(.unlimited)),
            .claimed(.max, .refused(.limited(to: .max, row: -1))), .claimed(2, .refused(.foreign)),
            .claimed(0, .recovered(try bareSession())),
            .claimed(.max, .recovered(try fullSession())), .claimDelayed(.max), .ownershipLost(key),
            .dataRecorded(id),
            .emitted(nil, credit: 0), .emitted(key, credit: .max), .stored(key, .committed(id: .max), credit: .max),
            .stored(key, .committed(id: .min), credit: 1), .stored(key, .failed, credit: 0),
            .stored(key, .full, credit: 2),
            .deleted(.through(.max)), .deleted(.messages([1, 5])), .deleted(.messages([])),
            .subscribed(id, lastPublished: 0, highest: 0),
            .subscribed(id, lastPublished: .min, highest: .max),
            .message(StoredMessage(id: .max, content: []), position: 0),
            .message(StoredMessage(id: 1, content: Array(texts[3].utf8)), position: .max),
            .message(
                StoredMessage(
                    id: .min, content: [1], storedAt: .max, author: Array("ann".utf8), clientOffset: [0, 0xFF]),
                position: 1),
            .message(StoredMessage(id: 2, content: [], storedAt: .min, author: [], clientOffset: []), position: 1),
            .message(
                StoredMessage(
                    id: 2, content: [], storedAt: 5,
                    attribution: MessageAuthor(id: [], name: "Ann", isProved: true), clientOffset: nil), position: 1),
            .message(StoredMessage(id: 3, content: [2], clientOffset: Array("tab-1".utf8)), position: 1),
        ]
        let rooms: [HubEvent] = texts.flatMap { [HubEvent.joined(id, room: $0), .left(id, room: $0)] }
        let operations: [HubEvent] = [
            .carriedOut(nil, credit: 0), .carriedOut(key, credit: .max), .fetched(0, nil, .sockets([]), credit: 0),
            .fetched(.max, key, .tooLarge(count: .max), credit: .max), .fetched(2, key, .refused, credit: 3),
            .fetched(.max, nil, .workers(0), credit: 0), .fetched(0, nil, .workers(.max), credit: 7),
            .fetched(1, nil, .sockets(try fetchedSockets()), credit: 1),
        ]
        let inquiries = targets.map { HubEvent.inquired(.max, $0) } + [.dismissed(0), .dismissed(.max)]
        return fixed + rooms + operations + zip(selections, changes).map { HubEvent.changed($0, $1) }
            + broadcasts.map { HubEvent.broadcast($0, position: .max - 1) } + inquiries
            + reports.map { HubEvent.answered($0) } + serverEvents.map { HubEvent.serverEvent($0) }
            + uses.map { .usedElsewhere($0) }
    }

    private static var uses: [SharedUse] {
        let most = 1 << 40
        return [
            SharedUse(),
            SharedUse(
                connections: most,
                addresses: [
                    SharedUse.Address(name: "203.0.113.7", connections: 1, sessions: 2, handshakes: 3),
                    SharedUse.Address(name: "2001:db8::/64", connections: most, sessions: most, handshakes: most),
                ],
                identities: [
                    SharedUse.Identity(id: texts[3], messages: 1, bytes: 2, historyBytes: 3),
                    SharedUse.Identity(id: "", messages: most, bytes: most, historyBytes: most),
                ]),
        ]
    }

    private static var targets: [Inquiry.Target] {
        broadcasts.map { .clients($0) } + serverEvents.map { .servers($0) }
    }

    private static var serverEvents: [ServerEvent] {
        [
            ServerEvent(namespace: "", name: "", arguments: EncodedArguments(text: [])),
            ServerEvent(
                namespace: "/räume", name: texts[2],
                arguments: EncodedArguments(text: Array("1".utf8), attachments: [[0, 255]])),
        ]
    }

    private static var reports: [InquiryReport] {
        let answers: [InquiryAnswer] = [
            .arguments(EncodedArguments(text: [])), .failure(""), .failure(texts[2]),
            .arguments(EncodedArguments(text: Array(#"1,"ä""#.utf8), attachments: [[], [0, 255]])),
        ]
        return [
            InquiryReport(number: 0, state: .complete), InquiryReport(number: .max, answers: answers, state: .open),
            InquiryReport(number: 1, answers: answers, state: .incomplete),
            InquiryReport(number: 2, state: .tooLarge), InquiryReport(number: 3, state: .dropped),
        ]
    }

    private static var selections: [SocketSelection] {
        [
            SocketSelection(namespace: "", rooms: [], exceptions: []),
            SocketSelection(namespace: "/", rooms: [""], exceptions: texts),
            SocketSelection(namespace: "/n", rooms: texts, exceptions: [""]),
            SocketSelection(namespace: "/ä", rooms: ["r"], exceptions: []),
        ]
    }

    private static var changes: [SocketChange] {
        [.join([]), .leave(texts), .disconnect(close: false), .disconnect(close: true)]
    }

    private static func fetchedSockets() throws -> [FetchedSocket] {
        [
            FetchedSocket(id: try SessionID("A" as Character), rooms: [], data: nil),
            FetchedSocket(
                id: try SessionID("_" as Character), rooms: ["", "räume 🏠"],
                data: try JSONText(validating: Array(#"{"ä":[1,"🏠"]}"#.utf8))),
        ]
    }

    private static var broadcasts: [Broadcast] {
        let event = EncodedEvent(
            text: Array(#"42["ä",{"_placeholder":true,"num":0}]"#.utf8), attachments: [[], [0, 255]])
        return [
            Broadcast(namespace: "", rooms: [], exceptions: [], event: EncodedEvent(text: []), isVolatile: false),
            Broadcast(namespace: "/", rooms: [""], exceptions: texts, event: event, isVolatile: true),
            Broadcast(namespace: "/n", rooms: texts, exceptions: [], event: event, isVolatile: false),
        ]
    }

    private static func bareSession() throws -> RecoveredSession {
        RecoveredSession(
            key: try SessionKey("A"), privateID: try SessionID("a" as Character), rooms: [], data: nil, missed: [],
            startRow: 0, rowLimit: 0, position: 0)
    }

    private static func fullSession() throws -> RecoveredSession {
        RecoveredSession(
            key: try SessionKey("A", epoch: .max), privateID: try SessionID("a" as Character), rooms: texts,
            data: try JSONText(validating: Array(#"["🏠"]"#.utf8)),
            missed: broadcasts.enumerated().map {
                PositionedEvent(event: $1.event, position: UInt64($0), epoch: $0 > 0 ? "" : nil)
            },
            startRow: .max, rowLimit: .min, position: .max)
    }
}

extension WireWriter {
    /// The bytes that `write` appends.
    static func bytes(_ write: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        write(&writer)
        return writer.bytes
    }
}

/// Decodes the body of a ``FrameKind/requests`` frame.
func decodedRequests(_ body: ArraySlice<UInt8>) throws(CodecError) -> [HubRequest] {
    var reader = WireReader(body)
    return try reader.rest { reader throws(CodecError) in try reader.hubRequest() }
}

/// Decodes the body of a ``FrameKind/events`` frame.
func decodedEvents(_ body: ArraySlice<UInt8>) throws(CodecError) -> [HubEvent] {
    var reader = WireReader(body)
    return try reader.rest { reader throws(CodecError) in try reader.hubEvent() }
}
