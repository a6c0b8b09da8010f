/// The registration of descriptors and their handlers.
extension EventLoop {
    func register(_ descriptor: CInt, for interest: EventMask, _ handler: any EventHandler) throws(SystemError) {
        checkIsolated()
        let index = Int(descriptor)
        while registrations.count <= index {
            registrations.append(Registration(handler: nil, generation: 0, interest: []))
        }
        registrations[index].generation &+= 1
        registrations[index].interest = interest
        try poller.watch(descriptor, for: interest, token: token(of: index))
        registrations[index].handler = handler
    }

    func setInterest(_ interest: EventMask, of descriptor: CInt) {
        checkIsolated()
        let index = Int(descriptor)
        guard registrations[index].handler != nil, registrations[index].interest != interest else { return }
        registrations[index].interest = interest
        poller.setInterest(interest, of: descriptor, token: token(of: index))
    }

    /// Stops watching a descriptor. Events that this turn has already collected for it are not delivered.
    func deregister(_ descriptor: CInt) {
        checkIsolated()
        let index = Int(descriptor)
        guard registrations[index].handler != nil else { return }
        registrations[index].handler = nil
        registrations[index].generation &+= 1
        poller.unwatch(descriptor)
    }

    private func token(of index: Int) -> UInt64 {
        UInt64(registrations[index].generation) << 32 | UInt64(index)
    }

    /// The read and write buffers of the loop. One socket or pipe uses them at a time.
    var sharedBuffers: LoopBuffers {
        checkIsolated()
        return buffers
    }
}
