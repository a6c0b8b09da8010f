import SimulatedMachine

/// A client's polling transport, with at most one GET and one POST in flight. Like a browser, it may repeat a request
/// that the network has lost.
final class PollingTransport: ClientTransport {
    private static let separator: UInt8 = 0x1E

    private let connect: () -> SocketEnd?
    private let kernel: SimulatedKernel
    private let maxPackets: Int
    private let record: Record
    private(set) var sid: String?
    /// True if the transport sends no new GET, because an upgrade is in progress.
    var isPausing = false
    private var get: ClientRequestInFlight?
    private var post: ClientRequestInFlight?
    /// The idle keep-alive connections.
    private var idle: [SocketEnd] = []
    private var outbox: [[UInt8]] = []
    private var lastStamp = 0
    private var hasEnded = false
    private var isClosed = false
    private(set) var protocolError: String?
    private(set) var isUnavailable = false

    /// - Parameters:
    ///   - maxPackets: the maximum number of packets in one response; some clients refuse more than 16.
    ///   - connect: opens another connection to the server; nil if no process listens on the port.
    init(kernel: SimulatedKernel, record: Record, maxPackets: Int, connect: @escaping () -> SocketEnd?) {
        self.kernel = kernel
        self.maxPackets = maxPackets
        self.record = record
        self.connect = connect
        flush()
    }

    // MARK: Writing

    func send(_ packets: [EnginePacket]) {
        outbox += packets.map(\.polled)
        flush()
    }

    func flush() {
        guard !isClosed, !hasEnded else { return }
        if get == nil, !isPausing { get = begin("GET", []) }
        if post == nil, sid != nil, !outbox.isEmpty {
            // Clients that respect the server's `maxPayload` split their packets, also attachments, over several
            // requests.
            let count = kernel.choices.chance(perMille: 900) ? outbox.count : kernel.choices.within(1...outbox.count)
            let body = outbox.prefix(count).joined(separator: [Self.separator])
            outbox.removeFirst(count)
            post = begin("POST", Array(body))
        }
        get?.flush()
        post?.flush()
    }

    private func begin(_ method: String, _ body: [UInt8]) -> ClientRequestInFlight? {
        lastStamp += 1
        let session = sid.map { "&sid=\($0)" } ?? ""
        let head =
            "\(method) /socket.io/?EIO=4&transport=polling&t=t\(lastStamp)\(session) HTTP/1.1\r\n"
            + "Host: localhost:3000\r\n"
            + (method == "POST" ? "Content-Type: text/plain\r\nContent-Length: \(body.count)\r\n\r\n" : "\r\n")
        return send(Array(head.utf8) + body, repeats: 0)
    }

    private func send(_ text: [UInt8], repeats: Int) -> ClientRequestInFlight? {
        idle.removeAll { end in
            guard end.hasInput else { return false }
            end.close()
            return true
        }
        guard let end = idle.popLast() ?? connect() else {
            hasEnded = true
            return nil
        }
        return ClientRequestInFlight(text, on: end, repeats: repeats)
    }

    // MARK: Reading

    var hasInput: Bool { !isClosed && (hasEnded || get?.end.hasInput == true || post?.end.hasInput == true) }

    func receive(atMost limit: Int) -> [EnginePacket] {
        var packets: [EnginePacket] = []
        if let request = post, let (status, body) = take(request, limit, &post) {
            if status != 200 || !body.elementsEqual("ok".utf8) { end(status, body) }
        }
        if let request = get, let (status, body) = take(request, limit, &get) {
            if status == 200 {
                let parts = body.split(separator: Self.separator)
                if sid == nil { open(parts.first ?? []) }
                packets = parts.compactMap { EnginePacket(polled: $0) }
                if parts.count > maxPackets { protocolError = "\(parts.count) packets in one response" }
                if packets.count < parts.count { protocolError = "invalid Base64" }
            } else {
                end(status, body)
            }
        }
        flush()
        return packets
    }

    private func take(
        _ request: ClientRequestInFlight, _ limit: Int, _ slot: inout ClientRequestInFlight?
    ) -> (Int, ArraySlice<UInt8>)? {
        if let answer = request.receive(atMost: limit) {
            slot = nil
            idle.append(request.end)
            return answer
        }
        guard request.end.hasEnded else { return nil }
        record.trace(
            "a request has no response, reset: \(request.end.incoming.hasResetArrived): "
                + String(decoding: request.text, as: UTF8.self).prefix { $0 != "\r\n" })
        request.end.close()
        slot = nil
        // Browsers automatically repeat a request that was lost with its connection.
        guard sid != nil, request.repeats < 2, kernel.choices.chance(perMille: 800) else {
            hasEnded = true
            return nil
        }
        record.note(.requestRepeated)
        slot = send(request.text, repeats: request.repeats + 1)
        return nil
    }

    private func open(_ packet: ArraySlice<UInt8>) {
        let parts = String(decoding: packet, as: UTF8.self).split(separator: "\"")
        guard parts.count > 3, parts[0] == "0{", parts[1] == "sid" else {
            protocolError = "a response without a session id: \(String(decoding: packet, as: UTF8.self))"
            return
        }
        sid = String(parts[3])
        record.note(.polled)
    }

    private func end(_ status: Int, _ body: ArraySlice<UInt8>) {
        record.trace("a polling request fails with \(status): \(String(decoding: body, as: UTF8.self))")
        hasEnded = true
        isUnavailable = status == 503
        // 400: the session is closed. 408: the request arrived too late. 503: the server is full.
        if ![400, 408, 503].contains(status) {
            protocolError = "status \(status): \(String(decoding: body, as: UTF8.self))"
        }
    }

    var isAtEnd: Bool { hasEnded }
    var ending: String { "polling" }
    var openWebSocketCloseCode: Int? { nil }

    /// True if no request is in flight and none will follow.
    var isPaused: Bool { isPausing && get == nil && post == nil && outbox.isEmpty }

    // MARK: Leaving

    private var ends: [SocketEnd] { idle + [get, post].compactMap { $0?.end } }

    var isClosedByServer: Bool { ends.allSatisfy(\.isPeerClosed) }

    func close(_ reason: TransportEnd, kernel: SimulatedKernel) {
        guard !isClosed else { return }
        isClosed = true
        for end in ends { end.close(reason, kernel: kernel) }
    }

    /// Resets a random connection in the network.
    func loseConnection() {
        guard let end = kernel.choices.element(of: ends) else { return }
        kernel.resetConnection(of: end)
    }
}
