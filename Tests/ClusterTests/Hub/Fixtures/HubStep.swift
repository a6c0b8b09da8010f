import Actors
import Persistence
import TestSupport
import Transport

@testable import Cluster

/// A random step of a hub.
enum HubStep {
    case receive([HubRequest], worker: Int)
    case nextGroup
    /// Commits the group that the store has, if any. The pattern has a number for each draft and is repeated as needed:
    /// 0 makes the draft a repeat; any other number is the distance of its row id from the previous one.
    case commit(pattern: [Int64])
    case fail
    /// Publishes rows of another program, each with this distance from the previous id.
    case publish(gaps: [Int64])
    /// Replaces the worker by its next incarnation.
    case restart(worker: Int)

    static let workers = 3
    static let letters = Array("ABCDEFGHIJKL")
    private static let rooms = ["r", "s", "t"]
    private static let namespaces = ["/", "/other"]

    static func random(using random: inout SplitMix64) throws -> HubStep {
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<28:
            let requests = try (0..<Int.random(in: 1...3, using: &random)).map { _ in try request(&random) }
            return .receive(requests, worker: Int.random(in: 0..<workers, using: &random))
        case 28..<31: return .nextGroup
        case 31..<35: return .commit(pattern: (0..<3).map { _ in Int64.random(in: 0...2, using: &random) })
        case 35: return .fail
        case 36..<39: return .publish(gaps: [1, Int64.random(in: 1...3, using: &random)])
        default: return .restart(worker: Int.random(in: 0..<workers, using: &random))
        }
    }

    private static func request(_ random: inout SplitMix64) throws -> HubRequest {
        let letter = letters[Int.random(in: 0..<letters.count, using: &random)]
        let room = rooms[Int.random(in: 0..<rooms.count, using: &random)]
        let namespace = namespaces[Int.random(in: 0..<namespaces.count, using: &random)]
        let text = "\(random.next() % 1000)"
        let key = try SessionKey(letter)
        switch Int.random(in: 0..<36, using: &random) {
        case 30..<36: return try inquiry(text, in: namespace, room, letter, using: &random)
        case 0..<6: return try .register(letter, in: namespace)
        case 6: return try .unregister(letter)
        case 7..<11: return try .join(letter, room)
        case 11: return try .leave(letter, room)
        case 12..<15: return try .subscribe(letter)
        case 15..<18: return try .store(letter, text)
        case 18..<20: return try .emit(text, in: namespace)
        case 20..<22: return try .emit(text, in: namespace, to: [room, try SessionID(letter).description])
        case 22..<24: return try .emit(text, in: namespace, to: [room, rooms[0]], by: letter)
        case 24..<27:
            let selection = try selection(room, letter, using: &random)
            return .change(selection, change(room, using: &random), sender: random.next() & 1 == 0 ? nil : key)
        default:
            let selection = try selection(room, letter, using: &random)
            return .fetch(
                SocketFetch(number: random.next() % 100, selection: selection, maxBytes: .max),
                sender: random.next() & 1 == 0 ? nil : key)
        }
    }

    /// An inquiry, an answer to one of the first inquiries, or the end of one.
    private static func inquiry(
        _ text: String, in namespace: String, _ room: String, _ letter: Character, using random: inout SplitMix64
    ) throws -> HubRequest {
        let number = UInt64.random(in: 1...40, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return try .inquire(number, text, in: namespace, by: random.next() & 1 == 0 ? nil : letter)
        case 1: return try .inquire(number, text, in: namespace, to: [room], limit: 150)
        case 2: return .inquireServers(number, text)
        case 3: return .dismiss(number)
        case 4: return .emitToServers(.event(text))
        default:
            let states: [InquiryReport.State] = [.open, .complete, .complete, .incomplete, .tooLarge]
            let state = states[Int.random(in: 0..<states.count, using: &random)]
            return .answer(number, state == .tooLarge ? [] : ["\(text)", "x"], state)
        }
    }

    private static func selection(
        _ room: String, _ letter: Character, using random: inout SplitMix64
    ) throws -> SocketSelection {
        let own = try SessionID(letter).description
        let choices = [[], [room], [own], [room, rooms[1]]]
        return SocketSelection(
            namespace: namespaces[Int.random(in: 0..<2, using: &random)],
            rooms: choices[Int.random(in: 0..<4, using: &random)],
            exceptions: choices[Int.random(in: 0..<3, using: &random)])
    }

    private static func change(_ room: String, using random: inout SplitMix64) -> SocketChange {
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<12: .join([room, rooms[2]])
        case 12..<22: .leave([room])
        default: .disconnect(close: random.next() & 1 == 0)
        }
    }
}
