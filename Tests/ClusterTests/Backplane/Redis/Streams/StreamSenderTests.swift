import TestSupport
import Testing

@testable import Cluster

@Suite("The entries that a host adds to the stream")
struct StreamSenderTests {
    private var sender = StreamSender()
    private var lastCommand: UInt64 = 0

    private mutating func append(_ numbers: UInt64...) {
        for number in numbers { sender.append(StreamAddition(number: number, fields: [[1]])) }
    }

    /// Sends everything that can be sent. Returns the numbers, each with that of the entry before.
    private mutating func send(_ limit: Int = .max) -> [String] {
        var sent: [String] = []
        while sent.count < limit, let step = sender.next {
            lastCommand += 1
            sender.sent(as: lastCommand)
            sent.append("\(step.previous)>\(step.addition.number)")
        }
        return sent
    }

    @Test("entries are sent in order, each with the number of the one before")
    mutating func order() {
        append(3, 4, 7)
        #expect(send() == ["0>3", "3>4", "4>7"])
        #expect(!sender.isIdle && sender.isNext(1) && !sender.isNext(2))
        sender.added(EntryID("5-0"))
        sender.added(EntryID("5-1"))
        #expect(sender.answered == 4 && sender.lastEntry == EntryID("5-1"))
        sender.added(nil)
        #expect(sender.isIdle && sender.answered == 7 && sender.lastEntry == EntryID("5-1") && sender.last == 7)
    }

    @Test("what has no answer is sent again, behind what was answered")
    mutating func retry() {
        append(1, 2, 3)
        #expect(send(2) == ["0>1", "1>2"])
        sender.added(EntryID("1-0"))
        sender.connectionEnded()
        append(4)
        #expect(send() == ["0>2", "2>3", "3>4"])
    }

    @Test("what the host has applied alone is not sent any more")
    mutating func abandon() {
        append(1, 2)
        _ = send(1)
        sender.connectionEnded()
        sender.abandon()
        #expect(sender.isIdle && send() == [])
        append(9)
        #expect(send() == ["0>9"])
    }

    @Test("only a limited number of entries and bytes wait for their answers")
    mutating func limits() {
        for number in 1...2000 { append(UInt64(number)) }
        #expect(send().count == 1000)
        sender.added(nil)
        #expect(send() == ["1000>1001"])
        sender.abandon()
        let large = [UInt8](repeating: 1, count: 5 << 20)
        for number in 3001...3004 { sender.append(StreamAddition(number: UInt64(number), fields: [large])) }
        #expect(send().count == 2)
    }

    @Test("without a script, one entry is sent at a time")
    mutating func plain() {
        sender.isPipelined = false
        append(1, 2)
        #expect(send() == ["0>1"])
        sender.added(nil)
        #expect(send() == ["1>2"])
    }

    /// A server as the script behaves.
    private struct Server {
        var entries: [UInt64] = []
        /// - Returns: false for an error.
        mutating func add(_ step: StreamSender.Step) -> Bool {
            guard let last = entries.last else {
                entries.append(step.addition.number)
                return true
            }
            if step.addition.number <= last { return true }
            guard step.previous <= last else { return false }
            entries.append(step.addition.number)
            return true
        }
    }

    @Test("a server that has lost entries gets later ones")
    mutating func lostEntries() {
        var server = Server()
        append(1, 2, 3)
        while let step = sender.next {
            sender.sent(as: 1)
            let isAdded = server.add(step)
            #expect(isAdded)
            sender.added(nil)
        }
        server.entries.removeLast(2)
        sender.connectionEnded()
        append(4)
        let step = sender.next
        let isAdded = step.map { server.add($0) }
        #expect(isAdded == true && server.entries == [1, 4])
    }

    @Test("connections that end at any moment lose and double nothing", arguments: 1...50 as ClosedRange<UInt64>)
    mutating func faults(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var server = Server()
        var inFlight: [StreamSender.Step] = []
        var next: UInt64 = 1
        for _ in 0..<500 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<3:
                append(next)
                next += 1
            case 3..<5:
                if let step = sender.next {
                    lastCommand += 1
                    sender.sent(as: lastCommand)
                    inFlight.append(step)
                }
            case 5..<7:
                guard !inFlight.isEmpty else { continue }
                if server.add(inFlight.removeFirst()) {
                    sender.added(nil)
                } else {
                    sender.connectionEnded()
                    inFlight = []
                }
            default:
                // The server may have carried out some of them.
                for step in inFlight.prefix(Int.random(in: 0...inFlight.count, using: &random)) { _ = server.add(step) }
                sender.connectionEnded()
                inFlight = []
            }
        }
        for step in inFlight {
            let isAdded = server.add(step)
            #expect(isAdded)
            sender.added(nil)
        }
        while let step = sender.next {
            sender.sent(as: 1)
            let isAdded = server.add(step)
            #expect(isAdded)
            sender.added(nil)
        }
        #expect(server.entries == Array(1..<next))
    }
}
