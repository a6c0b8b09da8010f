import Transport

extension Socket {
    /// Output to this socket's client that does not pass through the hub.
    enum Output {
        /// An event. If it expects an acknowledgement, it carries no offset.
        case event(EncodedEvent, isVolatile: Bool, wantsAnswer: Bool)
        case frames(Frames)
        /// An operation on sockets of this worker. It is carried out even for a closed socket.
        case local(LocalOperation)
        case disconnect
        case close
    }

    /// Sends an event to this client. With connection state recovery the event goes through the hub, so that a
    /// disconnected client receives it when it resumes its session. An event with a reserved name is reported and not
    /// sent.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        guard worker.allows(event: event, in: namespace.name) else { return }
        let encoded = encode(event, arguments)
        if worker.keepsSessions {
            let broadcast = Broadcast(
                namespace: namespace.name, rooms: [id.description], exceptions: [], event: encoded, isVolatile: false)
            performOnceConnected(.request(.emit(broadcast, sender: key)))
        } else {
            performOnceConnected(.output(.event(encoded, isVolatile: false, wantsAnswer: false)))
        }
    }

    /// Sends a volatile event to this client, which misses the event if it is not ready to receive it.
    public func emitVolatile(_ event: String, _ arguments: Arguments = []) {
        guard isConnected, worker.allows(event: event, in: namespace.name) else { return }
        perform(.output(.event(encode(event, arguments), isVolatile: true, wantsAnswer: false)))
    }

    func encode(_ event: String, _ arguments: Arguments, acknowledgementID: UInt64? = nil) -> EncodedEvent {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendEvent(
            event, arguments, acknowledgementID: acknowledgementID, namespace: namespace.name, to: &text)
        return EncodedEvent(text: text, attachments: arguments.attachments)
    }

    /// Sends an event and waits for the client's acknowledgement.
    /// - Parameters:
    ///   - event: The event's name.
    ///   - arguments: The event's arguments.
    ///   - timeout: The maximum time to wait.
    /// - Returns: The arguments of the acknowledgement.
    /// - Throws: ``AcknowledgementError`` if no acknowledgement arrives within `timeout`, the client is not connected
    ///   or disconnects, or the event's name is reserved; `CancellationError` if the task is cancelled.
    @discardableResult
    public func emitWithAcknowledgement(
        _ event: String, _ arguments: Arguments = [], timeout: Duration = .seconds(10)
    ) async throws -> Arguments {
        guard !ReservedEventNames.contains(event) else { throw AcknowledgementError.reservedEventName(event) }
        guard isConnected else { throw AcknowledgementError.disconnected }
        try Task.checkCancellation()
        let id = makeAcknowledgementID()
        let encoded = encode(event, arguments, acknowledgementID: id)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // The socket may have disconnected while the task changed executors.
                guard isConnected else { return continuation.resume(throwing: AcknowledgementError.disconnected) }
                let timer = worker.loop.startTimer(after: timeout, AcknowledgementTimeout(id: id, socket: self))
                if acknowledgements == nil { acknowledgements = PendingAcknowledgements() }
                acknowledgements?.await(id, continuation, timer: LoopBound(timer, to: worker.loop))
                perform(.output(.event(encoded, isVolatile: false, wantsAnswer: true)))
                // If the task was cancelled before this point, the cancellation handler found no wait to end.
                if Task.isCancelled { acknowledgementFailed(id, CancellationError()) }
            }
        } onCancel: {
            run { $0.acknowledgementFailed(id, CancellationError()) }
        }
    }

    private func makeAcknowledgementID() -> UInt64 {
        worker.assumeIsolated { $0.inquiries.acknowledgementIDs.next() }
    }

    func receiveAcknowledgement(_ packet: Packet) {
        guard let id = packet.acknowledgementID else { return }
        guard id < AcknowledgementIDs.ofSockets else {
            return worker.assumeIsolated { $0.clientAnswered(id, self, packet.arguments) }
        }
        guard let timer = acknowledgements?.answer(id, packet.arguments) else { return }
        worker.loop.cancelTimer(timer.value)
    }

    func acknowledgementFailed(_ id: UInt64, _ error: any Error) {
        guard let timer = acknowledgements?.fail(id, error) else { return }
        worker.loop.cancelTimer(timer.value)
    }

    func acknowledge(_ id: UInt64, _ arguments: Arguments) {
        guard isConnected else { return }
        perform(.output(.frames(acknowledgementFrames(id, arguments))))
    }

    func acknowledgeNow(_ id: UInt64, _ arguments: Arguments) {
        guard isConnected else { return }
        write(acknowledgementFrames(id, arguments))
    }

    private func acknowledgementFrames(_ id: UInt64, _ arguments: Arguments) -> Frames {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendAcknowledgement(id, arguments, namespace: namespace.name, to: &text)
        return Frames(utf8: text, attachments: arguments.attachments)
    }

    /// All sockets in the namespace except this one.
    public nonisolated var broadcast: Audience {
        Audience(
            worker: worker, namespace: namespace.name, rooms: [], exceptions: [id.description], sender: self,
            isVolatile: false)
    }

    /// The members of some rooms, except this socket.
    public nonisolated func to(_ rooms: String...) -> Audience {
        broadcast.to(rooms)
    }

    /// Submits a request of this socket that concerns other sockets. A closed socket receives no echo, so it submits
    /// the request without a sender.
    func submit(_ request: HubRequest) {
        if isConnected || awaitsResults { return perform(.request(request)) }
        guard let request = request.withoutSender else { return }
        worker.assumeIsolated { $0.submit(request) }
    }

    // MARK: Ordering

    /// Carries out an entry as ``perform(_:)`` does. Keeps an entry that middleware adds until the client is connected,
    /// and drops an entry of a socket that is gone.
    func performOnceConnected(_ entry: SocketOutbox.Entry) {
        switch phase {
        case .connecting: earlyEntries.append(entry)
        case .connected: perform(entry)
        case .gone: break
        }
    }

    /// Carries out an entry as soon as the entries before it allow.
    func perform(_ entry: SocketOutbox.Entry) {
        let action = outbox.add(entry, byteCount: byteCount(of: entry), isConnected: isConnected)
        if let action {
            carryOut(action)
        } else if isConnected, exceedsHoldLimit {
            connection.assumeIsolated { $0.pause(.order(id)) }
        }
    }

    /// True if the outbox holds so many entries that reading from the client pauses.
    private var exceedsHoldLimit: Bool {
        let limits = worker.loop.limits
        return outbox.heldCount >= limits.heldActions || outbox.heldBytes > limits.heldActionBytes
    }

    private func byteCount(of entry: SocketOutbox.Entry) -> Int {
        switch entry {
        case .request(let request): request.cost
        case .message(let message): message.draft.content.count
        case .output(.event(let event, _, _)): event.byteCount
        case .output(.frames(let frames)): frames.bytes.count
        case .output(.local(.emit(let broadcast))): broadcast.event.byteCount
        case .output: 0
        }
    }

    /// Handles the hub's echo of the oldest request.
    func requestReturned() {
        outbox.requestReturned()
        carryOutReleased()
    }

    /// Carries out all entries that do not have to wait any more.
    func carryOutReleased() {
        // An action may end the socket, which then carries out the rest in a nested call.
        while let action = outbox.next(isConnected: isConnected) { carryOut(action) }
        resumeRoomWaiters()
        let limits = worker.loop.limits
        guard isConnected, outbox.heldCount < limits.heldActions / 2, outbox.heldBytes <= limits.heldActionBytes / 2
        else { return }
        connection.assumeIsolated { $0.resume(.order(id)) }
    }

    private func carryOut(_ action: SocketOutbox.Action) {
        switch action {
        case .output(.close): connection.assumeIsolated { $0.disconnect() }
        case .output(.local(let operation)): worker.assumeIsolated { $0.carryOut(operation) }
        case .output where !isConnected: break
        case .submit(let request):
            let sender = isConnected ? connection : nil
            worker.assumeIsolated { $0.submit(request, by: sender) }
        case .store(let draft): submitMessage(draft)
        case .output(.event(let event, let isVolatile, let wantsAnswer)):
            callOutgoingHandlers(for: event)
            write(frames(of: event, wantsAnswer: wantsAnswer), isVolatile: isVolatile)
        case .output(.frames(let frames)): write(frames)
        case .output(.disconnect): leaveNamespace()
        }
    }

    func write(_ frames: Frames, isVolatile: Bool = false) {
        _ = connection.assumeIsolated { $0.send(frames, isVolatile: isVolatile) }
    }

    /// The frames of an event that does not go through the log. The event carries no offset, unless its last element is
    /// a string. The client would mistake that string for an offset, so the event then carries the current offset.
    /// - Parameter wantsAnswer: True if the event expects an acknowledgement. Such an event never carries an offset.
    func frames(of event: EncodedEvent, wantsAnswer: Bool = false) -> Frames {
        guard worker.keepsSessions, !wantsAnswer, event.endsInString else {
            return Frames(utf8: event.text, attachments: event.attachments)
        }
        let (applied, message) = worker.assumeIsolated { ($0.stream.appliedPosition, $0.stream.feed.applied) }
        let row = row.map { _ in cursor.row(applied: message) }
        return worker.frames(
            of: event, at: worker.terms.offset(at: cursor.position(applied: applied), row: row))
    }

    func leaveNamespace() {
        guard isConnected else { return }
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendDisconnect(namespace: namespace.name, to: &text)
        connection.assumeIsolated { $0.sendDisconnect(Frames(utf8: text)) }
        end(.serverNamespaceDisconnect)
    }
}
