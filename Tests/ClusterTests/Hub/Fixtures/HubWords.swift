import Actors
import Persistence
import Testing
import Transport

@testable import Cluster

extension SessionID {
    /// The id of the socket that a test names by one letter.
    init(_ letter: Character) throws {
        self = try #require(SessionID(String(repeating: letter, count: SessionID.length)))
    }

    /// The letter that names the socket.
    var letter: String { String(description.prefix(1)) }
}

extension SessionKey {
    init(_ letter: Character, epoch: UInt32 = 0) throws {
        self.init(id: try SessionID(letter), ownerEpoch: epoch)
    }
}

extension HubRequest {
    static func register(
        _ letter: Character, in namespace: String = "/", startRow: Int64? = 0, after offset: String? = nil,
        lifetime: Duration? = nil
    ) throws -> HubRequest {
        try .register(
            SessionKey(letter), namespace: namespace, startRow: startRow, after: offset, lifetime: lifetime)
    }

    /// Registers a socket. Its client's secret is its id in lower case.
    static func register(
        _ key: SessionKey, namespace: String, startRow: Int64? = 0, after offset: String? = nil,
        lifetime: Duration? = nil
    ) throws -> HubRequest {
        let secret = try #require(SessionID(key.id.description.lowercased()))
        return .register(
            Registration(
                key: key, namespace: namespace, privateID: secret, startRow: startRow, earlierOffset: offset,
                lifetime: lifetime))
    }

    static func unregister(_ letter: Character) throws -> HubRequest { .unregister(try SessionKey(letter)) }

    static func unregister(_ key: SessionKey) -> HubRequest { .unregister(key, isKept: false) }

    /// Unregisters a socket whose client may come back.
    static func lose(_ letter: Character, epoch: UInt32 = 0) throws -> HubRequest {
        .unregister(try SessionKey(letter, epoch: epoch), isKept: true)
    }

    /// Claims the session that this letter names.
    static func claim(
        _ letter: Character, _ offset: String?, in namespace: String = "/", limit: Int = .max, lifetime: Duration? = nil
    ) throws -> HubRequest {
        let secret = try SessionID(Character(letter.lowercased()))
        return .claim(
            Claim(
                number: 7, namespace: namespace, privateID: secret, offset: offset, maxMissedBytes: limit,
                lifetime: lifetime))
    }

    static func join(_ letter: Character, _ room: String) throws -> HubRequest {
        .join(try SessionKey(letter), room: room)
    }

    static func leave(_ letter: Character, _ room: String) throws -> HubRequest {
        .leave(try SessionKey(letter), room: room)
    }

    static func emit(
        _ text: String, in namespace: String = "/", to rooms: [String] = [], by sender: Character? = nil
    ) throws -> HubRequest {
        .emit(.event(text, in: namespace, to: rooms), sender: try sender.map { try SessionKey($0) })
    }

    static func store(_ letter: Character, _ text: String, offset: String? = nil) throws -> HubRequest {
        let draft = MessageDraft(clientOffset: offset.map { Array($0.utf8) }, content: Array(text.utf8))
        return .store(try SessionKey(letter), draft)
    }

    static func subscribe(_ letter: Character) throws -> HubRequest { .subscribe(try SessionKey(letter)) }

    static func change(
        _ change: SocketChange, to rooms: [String] = [], except: [String] = [], in namespace: String = "/",
        by sender: Character? = nil
    ) throws -> HubRequest {
        .change(
            SocketSelection(namespace: namespace, rooms: rooms, exceptions: except), change,
            sender: try sender.map { try SessionKey($0) })
    }

    static func fetch(
        _ number: UInt64 = 1, to rooms: [String] = [], except: [String] = [], in namespace: String = "/",
        limit: Int = .max, by sender: Character? = nil
    ) throws -> HubRequest {
        let selection = SocketSelection(namespace: namespace, rooms: rooms, exceptions: except)
        return .fetch(
            SocketFetch(number: number, selection: selection, maxBytes: limit),
            sender: try sender.map { try SessionKey($0) })
    }
}

extension Broadcast {
    static func event(
        _ text: String, in namespace: String = "/", to rooms: [String] = [], isVolatile: Bool = false
    ) -> Broadcast {
        Broadcast(
            namespace: namespace, rooms: rooms, exceptions: [], event: EncodedEvent(text: Array(text.utf8)),
            isVolatile: isVolatile)
    }
}

extension [HubEvent] {
    /// The events in words, without the answers to emits and changes that have no sender: these only return credit.
    var words: [String] {
        compactMap { event in
            switch event {
            case .emitted(nil, _), .carriedOut(nil, _): nil
            default: event.words
            }
        }
    }
}

extension HubEvent {
    /// The event in words, with letters for sockets.
    var words: String {
        switch self {
        case .registered(let id, let position): "\(id.letter) registered @\(position)"
        case .joined(let id, let room): "\(id.letter) joined \(room)"
        case .left(let id, let room): "\(id.letter) left \(room)"
        case .broadcast(let broadcast, let position):
            "event \(String(decoding: broadcast.event.text, as: UTF8.self)) @\(position)"
        case .emitted(let key, _): "\(key?.id.letter ?? "nobody") emitted"
        case .claimed(_, .refused(.unlimited)): "refused"
        case .claimed(_, .refused(.limited(.max, let row))): "refused from \(row)"
        case .claimed(_, .refused(.limited(let limit, let row))): "refused from \(row) up to \(limit)"
        case .claimed(_, .refused(.foreign)): "refused, foreign"
        case .claimed(_, .recovered(let session)): session.words
        case .claimDelayed(let number): "claim \(number) waits"
        case .ownershipLost(let key): "\(key.id.letter) lost \(key.ownerEpoch)"
        case .dataRecorded(let id): "\(id.letter) noted"
        case .message(let message, _): "message \(message.id) \(String(decoding: message.content, as: UTF8.self))"
        case .stored(let key, .committed(let id), _): "\(key.id.letter) stored: \(id)"
        case .stored(let key, .failed, _): "\(key.id.letter) stored: failed"
        case .stored(let key, .full, _): "\(key.id.letter) stored: full"
        case .deleted(.through(let last)): "deleted through \(last)"
        case .deleted(.messages(let ids)): "deleted \(ids)"
        case .subscribed(let id, let last, let highest): "\(id.letter) subscribed from \(last), highest \(highest)"
        case .changed(let selection, let change): "\(selection.words) \(change.words)"
        case .carriedOut(let key, _): "\(key?.id.letter ?? "nobody") carried out"
        case .fetched(let number, let key, .sockets(let sockets), _):
            (["\(number) fetched\(key.map { " by \($0.id.letter)" } ?? "")"] + sockets.map(\.words))
                .joined(separator: " ")
        case .fetched(let number, _, .tooLarge(let count), _): "\(number) too large: \(count)"
        case .fetched(let number, _, .workers(let count), _): "\(number) workers: \(count)"
        case .inquired(let number, .clients(let broadcast)):
            "inquiry \(number): \(String(decoding: broadcast.event.text, as: UTF8.self))"
        case .inquired(let number, .servers(let event)): "inquiry \(number) to servers: \(event.name)"
        case .dismissed(let number): "inquiry \(number) dismissed"
        case .answered(let report): report.words
        case .serverEvent(let event): "server event \(event.name)"
        case .usedElsewhere(let use): use.words
        case .fetched(let number, _, .refused, _): "\(number) refused"
        }
    }
}

extension SharedUse {
    var words: String {
        let addresses = addresses.map { ", \($0.name): \($0.connections)/\($0.sessions) +\($0.handshakes)" }
        let identities = identities.map { ", \($0.id): +\($0.messages) +\($0.bytes)" }
        return "elsewhere \(connections)" + (addresses + identities).joined()
    }
}

extension InquiryReport {
    /// For example `answers to 3: x y, complete`.
    var words: String {
        let answers = answers.map { answer in
            switch answer {
            case .arguments(let arguments): String(decoding: arguments.text, as: UTF8.self)
            case .failure(let reason): "failure \(reason)"
            }
        }
        return "answers to \(number): \((answers + ["\(state)"]).joined(separator: ", "))"
    }
}

extension SocketSelection {
    var words: String {
        (rooms.isEmpty ? "all" : rooms.joined(separator: ","))
            + (exceptions.isEmpty ? "" : " except \(exceptions.joined(separator: ","))")
    }
}

extension SocketChange {
    var words: String {
        switch self {
        case .join(let rooms): "join \(rooms.joined(separator: ","))"
        case .leave(let rooms): "leave \(rooms.joined(separator: ","))"
        case .disconnect(let close): close ? "are closed" : "are disconnected"
        }
    }
}

extension FetchedSocket {
    /// For example `A(r,s;{})`.
    var words: String { "\(id.letter)(\(rooms.joined(separator: ","))\(data.map { ";\($0)" } ?? ""))" }
}

extension RecoveredSession {
    /// For example `A/1 back in r,s from 3 @9: x@4 y@5`; `from 3 up to 7` if the client's row ids are trusted up to 7.
    /// An event of another hub has its epoch too: `x@epoch.4`.
    var words: String {
        let events = missed.map { missed in
            let epoch = missed.epoch.map { "\($0)." } ?? ""
            return " \(String(decoding: missed.event.text, as: UTF8.self))@\(epoch)\(missed.position)"
        }.joined()
        let rooms = rooms.isEmpty ? "" : " in \(rooms.joined(separator: ","))"
        let limit = rowLimit == .max ? "" : " up to \(rowLimit)"
        return "\(key.id.letter)/\(key.ownerEpoch) back\(rooms) from \(startRow)\(limit) @\(position):\(events)"
    }
}
