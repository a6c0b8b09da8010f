import Glibc
import TestSupport
import Testing

@testable import Transport

@Suite("Passing socket: messages and descriptors between two processes")
struct PassingSocketTests {
    /// Records what arrives. Used on one loop.
    private final class Receiver: PassingHandler {
        var messages: [[UInt8]] = []
        var descriptors: [CInt] = []
        var hasEnded = false
        var drains = 0

        func received(_ message: [UInt8], descriptor: CInt?) {
            messages.append(message)
            if let descriptor { descriptors.append(descriptor) }
        }

        func passingDrained() { drains += 1 }
        func passingEnded() { hasEnded = true }
    }

    private struct Pair {
        let loop: EventLoop
        let near: PassingSocket
        let far: PassingSocket
        let nearReceiver = Receiver()
        let farReceiver = Receiver()

        init() throws {
            loop = try EventLoop()
            let (near, far) = try loop.machine.makeSocketPair()
            self.near = PassingSocket(near, on: loop)
            self.far = PassingSocket(far, on: loop)
            loop.jobs.enter()
            try self.near.open(for: nearReceiver)
            try self.far.open(for: farReceiver)
        }

        /// Runs turns until a condition is true.
        func run(until condition: () -> Bool) {
            let timer = Turns()
            for _ in 0..<2000 where !condition() {
                _ = loop.startTimer(at: loop.now + .milliseconds(1), timer)
                loop.turn()
            }
            #expect(condition())
        }

        func end() {
            near.close()
            far.close()
        }
    }

    /// Makes the loop return from its wait.
    private final class Turns: TimerTarget {
        func timerFired(at now: ContinuousClock.Instant) {}
    }

    /// A pipe whose writing end is passed. Its end of file proves that every copy of that end is closed.
    private struct PassedPipe {
        private let machine: any Machine
        private let reading: CInt
        let writing: CInt

        init(on machine: any Machine) throws {
            self.machine = machine
            (reading, writing) = try machine.makePipe(capacity: 4096)
        }

        var isClosed: Bool {
            var byte: [UInt8] = [0]
            return byte.withUnsafeMutableBytes { machine.read(from: reading, into: $0) } == .moved(0)
        }

        func end() { machine.close(reading) }
    }

    @Test("messages arrive whole and in order, with their descriptors")
    func order() throws {
        let pair = try Pair()
        let pipe = try PassedPipe(on: pair.loop.machine)
        pair.near.send([1, 2, 3], passing: pipe.writing)
        pair.near.send(Array(repeating: 7, count: PassingSocket.maxMessage))
        pair.run { pair.farReceiver.messages.count == 2 }
        #expect(pair.farReceiver.messages[0] == [1, 2, 3])
        #expect(pair.farReceiver.messages[1].count == PassingSocket.maxMessage)
        #expect(pair.farReceiver.descriptors.count == 1)
        #expect(!pipe.isClosed)
        for descriptor in pair.farReceiver.descriptors { close(descriptor) }
        #expect(pipe.isClosed, "the sender's descriptor is closed")
        pipe.end()
        pair.end()
    }

    @Test("what the kernel refuses waits, is sent later, and the owner learns of it")
    func waits() throws {
        let pair = try Pair()
        let message = [UInt8](repeating: 1, count: PassingSocket.maxMessage)
        var count = 0
        while pair.near.waitingCount < 10 {
            pair.near.send(message)
            count += 1
        }
        #expect(pair.near.waitingBytes == 10 * PassingSocket.maxMessage)
        pair.run { pair.farReceiver.messages.count == count }
        pair.run { pair.nearReceiver.drains == 1 }
        #expect(pair.near.waitingCount == 0 && pair.near.waitingBytes == 0)
        pair.end()
    }

    @Test("closing an end closes the descriptors that wait, and the other end learns of it")
    func closes() throws {
        let pair = try Pair()
        let pipe = try PassedPipe(on: pair.loop.machine)
        let message = [UInt8](repeating: 1, count: PassingSocket.maxMessage)
        while pair.near.waitingCount < 3 { pair.near.send(message, passing: dup(pipe.writing)) }
        pair.near.close()
        #expect(pair.near.waitingCount == 0 && !pair.near.isOpen)
        pair.run { pair.farReceiver.hasEnded }
        for descriptor in pair.farReceiver.descriptors { close(descriptor) }
        #expect(!pair.far.isOpen)
        pair.near.send([1], passing: pipe.writing)
        #expect(pipe.isClosed, "a closed end closes what it is given")
        pipe.end()
    }
}
