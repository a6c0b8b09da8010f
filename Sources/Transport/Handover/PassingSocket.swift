import Glibc

/// One end of a socket pair over which two processes exchange messages and pass descriptors, on this process's loop.
///
/// ``send(_:passing:)`` sends at once, and queues what the kernel refuses. The owner bounds the queue by checking
/// ``waitingCount`` and ``waitingBytes``.
package final class PassingSocket: EventHandler, TimerTarget {
    /// The largest message in bytes.
    package static let maxMessage = 16 << 10
    /// The most messages read in one turn, so that other descriptors are served too.
    private static let readsPerTurn = 64
    /// The time until another attempt after the kernel has refused a message. The kernel may report the socket as
    /// writable although it refuses descriptors, so writability is not watched.
    private static let retryDelay = Duration.milliseconds(5)

    private struct Message {
        let bytes: [UInt8]
        let descriptor: CInt?
    }

    private let loop: EventLoop
    private var descriptor: CInt?
    private weak var handler: (any PassingHandler)?
    private var queue: [Message] = []
    private var timer: EventLoop.TimerToken?
    /// The size of the waiting messages in bytes.
    package private(set) var waitingBytes = 0

    /// Takes ownership of one end of a pair made by ``Machine/makeSocketPair()``.
    package init(_ descriptor: CInt, on loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit {
        if let descriptor { loop.machine.close(descriptor) }
    }

    /// The number of messages that the kernel has not accepted.
    package var waitingCount: Int { queue.count }

    package var isOpen: Bool { descriptor != nil }

    /// Begins to receive. Called on the loop, which then retains this object until it is closed.
    /// - Throws: ``SystemError`` if the loop cannot watch the socket.
    package func open(for handler: any PassingHandler) throws(SystemError) {
        guard let descriptor else { return }
        self.handler = handler
        try loop.register(descriptor, for: .readable, self)
    }

    // MARK: Receiving

    func ready(for events: EventMask) {
        receive(atMost: Self.readsPerTurn)
    }

    /// Receives every message that has arrived.
    package func receiveAvailable() {
        receive(atMost: .max)
    }

    private func receive(atMost limit: Int) {
        for _ in 0..<limit {
            guard receiveOne() else { return }
        }
    }

    /// - Returns: true if more messages may be there.
    private func receiveOne() -> Bool {
        guard let descriptor else { return false }
        var passed: CInt?
        var message: [UInt8] = []
        let result = withUnsafeTemporaryAllocation(byteCount: Self.maxMessage, alignment: 1) { buffer in
            let result = loop.machine.receive(from: descriptor, into: buffer, passed: &passed)
            if case .moved(let count) = result { message = Array(buffer[..<count]) }
            return result
        }
        switch result {
        case .wouldBlock: return false
        case .moved(0), .failed:
            end()
            return false
        case .moved:
            guard let handler else {
                if let passed { loop.machine.close(passed) }
                return false
            }
            handler.received(message, descriptor: passed)
            return isOpen
        }
    }

    private func end() {
        let handler = handler
        close()
        handler?.passingEnded()
    }

    // MARK: Sending

    /// Sends a message after all messages sent before.
    /// - Parameters:
    ///   - message: at most ``maxMessage`` bytes.
    ///   - passed: a descriptor to pass with it. This end closes it as soon as it is sent or cannot be sent any more.
    package func send(_ message: [UInt8], passing passed: CInt? = nil) {
        guard descriptor != nil else {
            if let passed { loop.machine.close(passed) }
            return
        }
        queue.append(Message(bytes: message, descriptor: passed))
        waitingBytes += message.count
        if timer == nil { sendQueue() }
    }

    private func sendQueue() {
        var sent = 0
        sending: while let descriptor, sent < queue.count {
            let message = queue[sent]
            let result = message.bytes.withUnsafeBytes {
                loop.machine.send($0, passing: message.descriptor, over: descriptor)
            }
            switch result {
            case .moved: break
            case .failed(let error) where error.code == ENOMEM || error.code == ENOBUFS: fallthrough
            case .wouldBlock:
                loop.observer?.noted(.passingDelayed)
                timer = loop.startTimer(at: loop.now + Self.retryDelay, self)
                break sending
            // The other end is closed. Its end of file notifies the owner.
            case .failed: break
            }
            if let passed = message.descriptor { loop.machine.close(passed) }
            waitingBytes -= message.bytes.count
            sent += 1
        }
        queue.removeFirst(sent)
    }

    package func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        sendQueue()
        if isOpen, queue.isEmpty { handler?.passingDrained() }
    }

    /// Closes the socket and the descriptors that wait. The handler is not notified.
    package func close() {
        guard let descriptor else { return }
        self.descriptor = nil
        loop.deregister(descriptor)
        loop.machine.close(descriptor)
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        for case let passed? in queue.map(\.descriptor) { loop.machine.close(passed) }
        queue = []
        waitingBytes = 0
        handler = nil
    }

    package func loopEnded() {
        timer = nil
        end()
    }
}

/// The receiver of the messages of a ``PassingSocket``. Called on the loop.
package protocol PassingHandler: AnyObject {
    /// Handles a message.
    /// - Parameter descriptor: the descriptor that came with it, which the receiver must close; nil if none came, or if
    ///   this process had none left for it.
    func received(_ message: [UInt8], descriptor: CInt?)
    /// The kernel has accepted the messages that were waiting.
    func passingDrained()
    /// The other end is closed. Everything that it sent was received before. No call follows.
    func passingEnded()
}
