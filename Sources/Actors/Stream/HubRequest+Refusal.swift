extension HubRequest {
    /// The events that answer the request without carrying it out, which also return its credit. An adapter of your own
    /// sends them back for requests that it does not support, in the `default` case of its `switch`: later versions may
    /// have more requests.
    ///
    /// A claim is refused, so the client gets a new session. A message is not stored, an event or a change reaches
    /// nobody, a socket's data stays with its server, a fetch fails with ``FetchError/refused``, a subscription finds
    /// no messages, and a call of many fails with ``IncompleteAnswers/Reason/recipientsGone``.
    ///
    /// Empty for ``register(_:)``, ``join(_:room:)`` and ``leave(_:room:)``, which every adapter must carry out, and
    /// for requests that have no answer.
    public var refusal: [HubEvent] {
        switch self {
        case .register, .unregister, .join, .leave, .dismiss, .answer, .open, .reportUse: []
        // As for a client of a hub that keeps no sessions.
        case .claim(let claim): [.claimed(claim.number, .refused(.unlimited))]
        case .setData(let key, _): [.dataRecorded(key.id)]
        case .emit(_, let sender): [.emitted(sender, credit: cost)]
        case .store(let key, _): [.stored(key, .failed, credit: cost)]
        // No start is above the highest id, so a client's messages do not count as those of another store.
        case .subscribe(let key): [.subscribed(key.id, lastPublished: 0, highest: .max)]
        case .change(_, _, let sender): [.carriedOut(sender, credit: cost)]
        case .countWorkers(let number): [.fetched(number, nil, .refused, credit: cost)]
        case .fetch(let fetch, let sender): [.fetched(fetch.number, sender, .refused, credit: cost)]
        case .inquire(let inquiry, _):
            [.emitted(nil, credit: cost), .answered(InquiryReport(number: inquiry.number, state: .incomplete))]
        case .emitToServers: [.emitted(nil, credit: cost)]
        }
    }
}
