import Transport

/// Slots without a process.
extension Supervisor {
    func refuse(_ slot: Int) {
        // With a shared port, the other workers answer.
        guard refusals[slot] == nil, !options.sharesPort || running.isEmpty else { return }
        refusals[slot] = RefusingListener(on: loop, sockets: options.sockets[slot])
    }

    func endRefusal(_ slot: Int) {
        if options.sharesPort {
            for slot in refusals.keys.sorted() { refusals.removeValue(forKey: slot)?.end() }
        } else {
            refusals.removeValue(forKey: slot)?.end()
        }
    }
}
