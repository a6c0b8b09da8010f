import Transport

/// Events between workers.
extension Worker {
    /// The maximum length of the text about a failure that another worker receives, in bytes.
    private static let maxFailure = 1000

    /// Sends an event to every other worker. One that would not fit in a frame is reported instead.
    func emitToServers(_ event: ServerEvent) {
        let limit = loop.limits.inquiryEvent
        guard event.byteCount <= limit else {
            return report(.packetNotSent(ServerEventError.tooLarge(event: event.name, limit: limit)))
        }
        submit(.emitToServers(event))
    }

    /// Tells the hub the namespaces that the application has created, so that events of other hosts reach their
    /// handlers. The main namespace is always open.
    func openNamespaces() {
        for name in namespaces.explicitNames { submit(.open(namespace: name)) }
    }

    /// Calls the handlers of another worker's event. The first one that returns or throws gives the answer.
    /// - Parameters:
    ///   - event: The event.
    ///   - number: The hub's number of the inquiry; nil if the other worker expects no answer.
    func handle(_ event: ServerEvent, inquiry number: UInt64?) {
        if let number { inquiries.unanswered.insert(number) }
        let handlers = namespaces[event.namespace]?.handlerRegistry.snapshot.table.serverEvents[event.name] ?? []
        guard !handlers.isEmpty else {
            return answer(number, failure: ServerEventError.noHandler(event: event.name, namespace: event.namespace))
        }
        guard let arguments = event.arguments.decoded else {
            return failed(ServerEventError.invalidArguments(event: event.name), event, number)
        }
        let reader = ArgumentReader(arguments, options.coding)
        for handler in handlers {
            switch handler.body {
            case .synchronous(let body):
                do {
                    answer(number, with: try body(reader, options.coding))
                } catch {
                    failed(error, event, number)
                }
            case .asynchronous(let body):
                start(event, number) { [coding = options.coding] in try await body(reader, coding) }
            }
        }
    }

    /// Starts an asynchronous handler. The handlers of several events run at the same time.
    private func start(
        _ event: ServerEvent, _ number: UInt64?, _ body: @escaping @Sendable () async throws -> Arguments
    ) {
        let limit = loop.limits.serverHandlers
        guard inquiries.runningHandlers < limit else {
            return failed(ServerEventError.tooManyHandlers(event: event.name, limit: limit), event, number)
        }
        inquiries.runningHandlers += 1
        _ = handlerTasks.assumeIsolated { $0.start { await self.run(event, number, body) } }
    }

    private func run(_ event: ServerEvent, _ number: UInt64?, _ body: @Sendable () async throws -> Arguments) async {
        do {
            answer(number, with: try await body())
        } catch {
            failed(error, event, number)
        }
        inquiries.runningHandlers -= 1
    }

    private func failed(_ error: any Error, _ event: ServerEvent, _ number: UInt64?) {
        // A task that is cancelled ends with this error when the server closes.
        if !(error is CancellationError && Task.isCancelled) { handlerFailed(error, in: event.namespace) }
        answer(number, failure: error)
    }

    private func answer(_ number: UInt64?, with arguments: Arguments) {
        answer(number, .arguments(EncodedArguments(arguments)))
    }

    private func answer(_ number: UInt64?, failure error: any Error) {
        answer(number, .failure(String(decoding: "\(error)".utf8.prefix(Self.maxFailure), as: UTF8.self)))
    }

    /// Sends the answer, unless the event expects none, has been answered, or nobody waits any more. An answer above
    /// the limit of all answers is not sent: it might not fit in a frame.
    private func answer(_ number: UInt64?, _ answer: InquiryAnswer) {
        guard let number, inquiries.unanswered.remove(number) != nil else { return }
        if answer.byteCount > loop.limits.inquiryAnswers {
            submit(.answer(InquiryReport(number: number, state: .tooLarge)))
        } else {
            submit(.answer(InquiryReport(number: number, answers: [answer], state: .complete)))
        }
    }
}
