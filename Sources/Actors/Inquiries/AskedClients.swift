import Transport

/// The clients of one worker from which answers to inquiries are expected.
struct AskedClients {
    /// The origin of an inquiry.
    enum Asker: Hashable {
        /// Any worker. The number is the hub's.
        case hub(UInt64)
        /// An inquiry of this worker for its own clients only. The number is the worker's.
        case local(UInt64)

        /// The acknowledgement id that all clients of the inquiry get.
        var acknowledgementID: UInt64 {
            switch self {
            case .hub(let number): AcknowledgementIDs.hub(number)
            case .local(let number): AcknowledgementIDs.local(number)
            }
        }
    }

    private struct Share {
        let asker: Asker
        var clients: Set<SessionID>
        var byteCount = 0
        /// True if a client has gone without an answer.
        var isIncomplete: Bool
    }

    /// News for the asker.
    struct Report: Equatable {
        let asker: Asker
        var answers: [InquiryAnswer] = []
        let state: InquiryReport.State
    }

    private let maxBytes: Int
    /// The open inquiries by acknowledgement id.
    private var shares: [UInt64: Share] = [:]

    /// - Parameter maxBytes: The maximum size of the answers to one inquiry.
    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    var isEmpty: Bool { shares.isEmpty }

    /// Expects an answer from each of these clients.
    /// - Parameters:
    ///   - clients: The clients that receive the event.
    ///   - asker: The origin of the inquiry.
    ///   - isIncomplete: True if a recipient does not receive the event.
    /// - Returns: The report, if there are no clients.
    mutating func expect(_ clients: Set<SessionID>, for asker: Asker, isIncomplete: Bool) -> Report? {
        update(asker.acknowledgementID, Share(asker: asker, clients: clients, isIncomplete: isIncomplete))
    }

    /// Adds the answer of a client.
    /// - Returns: The report; nil if no answer is expected from this client, for example after its first one.
    mutating func answered(
        _ acknowledgementID: UInt64, by client: SessionID, _ arguments: Arguments
    ) -> Report? {
        guard var share = shares[acknowledgementID], share.clients.remove(client) != nil else { return nil }
        let answer = InquiryAnswer.arguments(EncodedArguments(arguments))
        share.byteCount += answer.byteCount
        guard share.byteCount <= maxBytes else {
            shares[acknowledgementID] = nil
            return Report(asker: share.asker, state: .tooLarge)
        }
        var report = update(acknowledgementID, share) ?? Report(asker: share.asker, state: .open)
        report.answers = [answer]
        return report
    }

    /// Expects no more answers from a client that is gone.
    /// - Returns: The reports about the inquiries that end with it.
    mutating func clientEnded(_ client: SessionID) -> [Report] {
        shares.filter { $0.value.clients.contains(client) }.sorted { $0.key < $1.key }.compactMap { id, share in
            var share = share
            share.clients.remove(client)
            share.isIncomplete = true
            return update(id, share)
        }
    }

    /// Drops an inquiry whose asker does not wait any more.
    mutating func dismiss(_ asker: Asker) {
        shares[asker.acknowledgementID] = nil
    }

    /// Records the present state of an inquiry.
    /// - Returns: The report, if the inquiry has ended.
    private mutating func update(_ acknowledgementID: UInt64, _ share: Share) -> Report? {
        shares[acknowledgementID] = share.clients.isEmpty ? nil : share
        guard share.clients.isEmpty else { return nil }
        return Report(asker: share.asker, state: share.isIncomplete ? .incomplete : .complete)
    }
}
