extension HubRequest {
    /// The event that answers the request without carrying it out, which also returns its credit. An adapter of your
    /// own sends it back for requests that it does not support, in the `default` case of its `switch`: later versions
    /// may have more requests.
    ///
    /// A claim is refused, so the client gets a new session. A message is not stored, an event or a change reaches
    /// nobody, a fetch fails, and a subscription finds no messages. nil for the requests that every adapter must carry
    /// out: ``register(_:)``, ``unregister(_:isKept:)``, ``setData(_:_:)``, ``join(_:room:)`` and ``leave(_:room:)``.
    public var refusal: HubEvent? {
        switch self {
        case .register, .unregister, .setData, .join, .leave: nil
        case .claim(let claim): .claimed(claim.number, .refused(.unlimited))
        case .emit(_, let sender): .emitted(sender, credit: cost)
        case .store(let key, _): .stored(key, .failed, credit: cost)
        case .subscribe(let key): .subscribed(key.id, lastPublished: 0, highest: 0)
        case .change(_, _, let sender): .carriedOut(sender, credit: cost)
        case .countWorkers(let number): .fetched(number, nil, .tooLarge(count: 0), credit: cost)
        case .fetch(let fetch, let sender): .fetched(fetch.number, sender, .tooLarge(count: 0), credit: cost)
        }
    }
}
