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
        let id = asker.acknowledgementID
        shares[id] = Share(asker: asker, clients: clients, isIncomplete: isIncomplete)
        return endIfComplete(id)
    }

    /// Adds the answer of a client.
    /// - Returns: The report; nil if no answer is expected from this client, for example after its first one.
    mutating func answered(
        _ acknowledgementID: UInt64, by client: SessionID, _ arguments: Arguments
    ) -> Report? {
        // Changes the share in place. A copy of it would copy the set of clients for each answer.
        guard let index = shares.index(forKey: acknowledgementID),
            shares.values[index].clients.remove(client) != nil
        else { return nil }
        let asker = shares.values[index].asker
        let answer = InquiryAnswer.arguments(EncodedArguments(arguments))
        shares.values[index].byteCount += answer.byteCount
        guard shares.values[index].byteCount <= maxBytes else {
            shares.remove(at: index)
            return Report(asker: asker, state: .tooLarge)
        }
        var report = endIfComplete(acknowledgementID) ?? Report(asker: asker, state: .open)
        report.answers = [answer]
        return report
    }

    /// Expects no more answers from a client that is gone.
    /// - Returns: The reports about the inquiries that end with it.
    mutating func clientEnded(_ client: SessionID) -> [Report] {
        let ids = shares.compactMap { id, share in share.clients.contains(client) ? id : nil }.sorted()
        return ids.compactMap { id in
            shares[id]?.clients.remove(client)
            shares[id]?.isIncomplete = true
            return endIfComplete(id)
        }
    }

    /// Drops an inquiry whose asker does not wait any more.
    mutating func dismiss(_ asker: Asker) {
        shares[asker.acknowledgementID] = nil
    }

    /// Forgets an inquiry from whose clients no answer is expected any more.
    /// - Returns: The report, if that is so.
    private mutating func endIfComplete(_ acknowledgementID: UInt64) -> Report? {
        guard let share = shares[acknowledgementID], share.clients.isEmpty else { return nil }
        shares[acknowledgementID] = nil
        return Report(asker: share.asker, state: share.isIncomplete ? .incomplete : .complete)
    }
}
