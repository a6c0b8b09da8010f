import Actors

/// The chat messages that a client sends. Like the official client, it buffers them while offline. A client that does
/// not pipeline sends them one at a time and retries until they are acknowledged.
final class ClientMessages {
    static let retries = 3
    /// The acknowledgement timeout, in simulated milliseconds.
    static let timeout = 3000

    private unowned let client: SimulatedClient
    /// The messages buffered while offline.
    private var sendBuffer: [Message] = []
    private var queue: [Message] = []
    private(set) var all: [Message] = []
    private var deadline: Int?
    private var counter = 0

    init(of client: SimulatedClient) {
        self.client = client
    }

    private var record: Record { client.world.record }

    /// True if no queued message is unacknowledged.
    var isIdle: Bool { queue.isEmpty }

    func add(_ content: String, isUnique: Bool) {
        let id = client.main.id
        if id == nil { record.note(.offlineOffset) }
        let name = id.map { $0.description } ?? "undefined"
        let message = Message(content, clientOffset: "\(name)-\(counter)", isUnique: isUnique)
        counter += 1
        all.append(message)
        if client.kind == .pipelining {
            send(message)
        } else {
            queue.append(message)
            drainQueue()
        }
    }

    func connected() {
        let unsent = sendBuffer
        sendBuffer = []
        for message in unsent { send(message) }
        drainQueue()
    }

    func disconnected() {
        for message in queue where message.isPending { failed(message) }
        deadline = nil
    }

    private func drainQueue() {
        guard client.isConnected, let message = queue.first, !message.isPending else { return }
        message.isPending = true
        message.attempts += 1
        if message.attempts > 1 {
            record.note(.resent)
            record.require(
                !client.world.settings.isFaultFree || message.connection != client.transportNumber
                    || client.world.hasStoppedOneOfSeveralHosts,
                .noUnexplainedDisconnect,
                "client \(client.number) resends \(String(decoding: message.content, as: UTF8.self)) "
                    + "without a fault")
        }
        deadline = client.world.milliseconds + Self.timeout
        send(message)
    }

    private func send(_ message: Message) {
        guard client.isConnected else {
            sendBuffer.append(message)
            return
        }
        message.connection = client.transportNumber
        client.main.send(message)
    }

    private func failed(_ message: Message) {
        message.isPending = false
        guard message.attempts > Self.retries else { return }
        record.note(.sendAbandoned)
        message.hasFailed = true
        queue.removeFirst()
    }

    /// Handles an expired acknowledgement timeout.
    func checkDeadline() {
        guard let deadline, client.world.milliseconds >= deadline, let message = queue.first, message.isPending else {
            return
        }
        self.deadline = nil
        failed(message)
        drainQueue()
    }

    func acknowledged(_ message: Message) {
        record.note(.acknowledged)
        message.isAcknowledged = true
        message.isPending = false
        guard queue.first === message else { return }
        queue.removeFirst()
        deadline = nil
        drainQueue()
    }
}
