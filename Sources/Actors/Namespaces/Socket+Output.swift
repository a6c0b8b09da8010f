import Transport

extension Socket {
    /// What goes to this socket's client without passing the hub.
    enum Output {
        /// An event that goes by itself, or one that wants an answer (which has no offset).
        case event(EncodedEvent, isVolatile: Bool, wantsAnswer: Bool)
        case frames(Frames)
        case disconnect
        case close
    }

    /// Sends an event to this client. With connection state recovery on it goes through the hub, so that a client that is lost
    /// gets it when it comes back.
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

    /// Sends an event to this client, which misses it if it cannot take it now.
    public func emitVolatile(_ event: String, _ arguments: Arguments = []) {
        guard isConnected, worker.allows(event: event, in: namespace.name) else { return }
        perform(.output(.event(encode(event, arguments), isVolatile: true, wantsAnswer: false)))
    }

    private func encode(_ event: String, _ arguments: Arguments, acknowledgementID: UInt64? = nil) -> EncodedEvent {
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendEvent(
            event, arguments, acknowledgementID: acknowledgementID, namespace: namespace.name, to: &text)
        return EncodedEvent(text: text, attachments: arguments.attachments)
    }

    /// Sends an event and waits for the client's answer.
    /// - Throws: ``AcknowledgementError`` when the answer has not come after `timeout`, the client is gone or not connected
    ///   yet, or the event has a reserved name; `CancellationError` when the waiting task is cancelled.
    public func emitWithAcknowledgement(
        _ event: String, _ arguments: Arguments = [], timeout: Duration = .seconds(10)
    ) async throws -> Arguments {
        guard !ReservedEventNames.contains(event) else { throw AcknowledgementError.reservedEventName(event) }
        guard isConnected else { throw AcknowledgementError.disconnected }
        try Task.checkCancellation()
        var pending = acknowledgements ?? PendingAcknowledgements()
        let id = pending.nextID()
        acknowledgements = pending
        let encoded = encode(event, arguments, acknowledgementID: id)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // The socket may have gone while the task changed executors.
                guard isConnected else { return continuation.resume(throwing: AcknowledgementError.disconnected) }
                let deadline = worker.loop.now + timeout
                let timer = worker.loop.startTimer(at: deadline, AcknowledgementTimeout(id: id, socket: self))
                acknowledgements?.await(id, continuation, timer: LoopBound(timer, to: worker.loop))
                perform(.output(.event(encoded, isVolatile: false, wantsAnswer: true)))
                // The handler below came too early when the task was cancelled meanwhile.
                if Task.isCancelled { acknowledgementFailed(id, CancellationError()) }
            }
        } onCancel: {
            run { $0.acknowledgementFailed(id, CancellationError()) }
        }
    }

    func receiveAcknowledgement(_ packet: Packet) {
        guard let id = packet.acknowledgementID else { return }
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

    /// Everyone in the namespace but this socket.
    public nonisolated var broadcast: Audience {
        Audience(
            worker: worker, namespace: namespace.name, rooms: [], exceptions: [id.description], sender: self,
            isVolatile: false)
    }

    /// The members of some rooms, but for this socket.
    public nonisolated func to(_ rooms: String...) -> Audience {
        var audience = broadcast
        audience.rooms = rooms
        return audience
    }

    func submitBroadcast(_ broadcast: Broadcast) {
        guard isConnected || awaitsResults else { return emitUnechoed(broadcast) }
        perform(.request(.emit(broadcast, sender: key)))
    }

    /// A socket that is gone may tell the others so, though nothing comes back to it any more.
    private func emitUnechoed(_ broadcast: Broadcast) {
        worker.assumeIsolated { $0.submit(.emit(broadcast, sender: nil)) }
    }

    // MARK: Keeping the order

    /// Keeps what middleware does until the client is connected; carries out everything later as ``perform(_:)`` does.
    func performOnceConnected(_ entry: SocketOutbox.Entry) {
        switch phase {
        case .connecting: early.append(entry)
        case .connected: perform(entry)
        case .gone: break
        }
    }

    /// Carries something out as soon as what was done before allows it.
    func perform(_ entry: SocketOutbox.Entry) {
        let action = outbox.add(entry, byteCount: byteCount(of: entry), isConnected: isConnected)
        if let action {
            carryOut(action)
        } else if isConnected, holdsTooMuch {
            connection.assumeIsolated { $0.pause(.order(id)) }
        }
    }

    /// Whether so much waits for what was done before that the client is not to be read.
    private var holdsTooMuch: Bool {
        let limits = worker.loop.limits
        return outbox.heldCount >= limits.heldActions || outbox.heldBytes > limits.heldActionBytes
    }

    private func byteCount(of entry: SocketOutbox.Entry) -> Int {
        switch entry {
        case .request(let request): request.cost
        case .message(let message): message.draft.content.count
        case .output(.event(let event, _, _)): event.byteCount
        case .output(.frames(let frames)): frames.bytes.count
        case .output: 0
        }
    }

    /// The oldest request has come back from the hub.
    func requestReturned() {
        outbox.requestReturned()
        carryOutReleased()
    }

    /// Carries out whatever waits for nothing.
    func carryOutReleased() {
        // One of them may end the socket, which carries out the rest by itself.
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
        case .output where !isConnected: break
        case .submit(let request):
            let sender = isConnected ? connection : nil
            worker.assumeIsolated { $0.submit(request, by: sender) }
        case .store(let draft): submitMessage(draft)
        case .output(.event(let event, let isVolatile, let wantsAnswer)):
            write(frames(of: event, wantsAnswer: wantsAnswer), isVolatile: isVolatile)
        case .output(.frames(let frames)): write(frames)
        case .output(.disconnect): leaveNamespace()
        }
    }

    func write(_ frames: Frames, isVolatile: Bool = false) {
        _ = connection.assumeIsolated { $0.send(frames, isVolatile: isVolatile) }
    }

    /// An event that did not go through the log carries no offset, unless its client would take its last string for one: then it
    /// carries the one that the client is at.
    private func frames(of event: EncodedEvent, wantsAnswer: Bool) -> Frames {
        guard worker.keepsSessions, !wantsAnswer, event.endsInString else {
            return Frames(utf8: event.text, attachments: event.attachments)
        }
        let (applied, message) = worker.assumeIsolated { ($0.stream.appliedPosition, $0.stream.feed.applied) }
        let row = row.map { _ in cursor.row(applied: message) }
        return worker.frames(
            of: event,
            at: Offset(epoch: worker.terms.epoch, position: cursor.position(applied: applied), row: row))
    }

    func leaveNamespace() {
        guard isConnected else { return }
        var text = [UInt8(ascii: "4")]
        PacketEncoder.appendDisconnect(namespace: namespace.name, to: &text)
        connection.assumeIsolated { $0.sendDisconnect(Frames(utf8: text)) }
        end(.serverNamespaceDisconnect)
    }
}
