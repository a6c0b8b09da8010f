/// The protocol that runs on an ``OutgoingConnection``. Every call is on the loop.
package protocol OutgoingConnectionHandler: AnyObject {
    /// The server has accepted the connection.
    func connectionOpened()
    /// Handles the bytes of one read. They are valid only during the call.
    func connectionRead(_ bytes: RawSpan)
    /// The connection could not be opened, or has ended. No call follows. Not called after
    /// ``OutgoingConnection/close()`` and ``OutgoingConnection/reset()``.
    func connectionEnded(_ reason: String)
}

/// A connection that this process opens to a server, such as a database.
package final class OutgoingConnection {
    private let loop: EventLoop
    /// Weak, because the owner of both may be released on another thread while the loop handles an event.
    private weak var handler: (any OutgoingConnectionHandler)?
    /// The socket until it is connected.
    private var connecting: CInt?
    private var channel: Channel?

    /// Begins to connect.
    /// - Parameter handler: gets the events. This object does not retain it, and closes the connection at the first
    ///   event after its end.
    /// - Throws: ``SystemError`` if the attempt fails at once.
    package init(
        to address: SocketAddress, on loop: EventLoop, handler: any OutgoingConnectionHandler
    ) throws(SystemError) {
        self.loop = loop
        self.handler = handler
        let descriptor = try loop.machine.openConnection(to: address)
        connecting = descriptor
        do throws(SystemError) {
            try loop.register(descriptor, for: .writable, self)
        } catch {
            connecting = nil
            loop.machine.close(descriptor)
            throw error
        }
    }

    /// The number of bytes for the server since the connection was opened, also those that still wait.
    package var queuedBytes: Int { channel?.queuedBytes ?? 0 }

    /// The number of bytes that the server's system has acknowledged. A system call.
    package var acknowledgedBytes: Int { channel?.acknowledgedBytes ?? 0 }

    /// Queues bytes to be written at the end of this turn.
    package func send(_ bytes: [UInt8]) {
        channel?.send(bytes)
    }

    /// Closes at once. Bytes that the kernel has accepted are still sent, also to a server that cannot be reached for
    /// some seconds.
    package func close() {
        stopConnecting()
        channel?.close()
        channel = nil
    }

    /// Closes at once, and discards the bytes that the server's system has not received.
    package func reset() {
        stopConnecting()
        channel?.reset()
        channel = nil
    }

    private func stopConnecting() {
        guard let descriptor = connecting else { return }
        connecting = nil
        loop.deregister(descriptor)
        loop.machine.close(descriptor)
    }
}

extension OutgoingConnection: EventHandler {
    /// The attempt to connect has ended.
    func ready(for events: EventMask) {
        guard let descriptor = connecting else { return }
        connecting = nil
        loop.deregister(descriptor)
        if let error = loop.machine.connectionError(of: descriptor) {
            loop.machine.close(descriptor)
            handler?.connectionEnded("\(error)")
            return
        }
        let channel = Channel(accepted: descriptor, loop: loop, openChannels: OpenCount())
        do {
            try channel.open(for: self)
        } catch {
            channel.close()
            handler?.connectionEnded("\(error)")
            return
        }
        self.channel = channel
        if let handler { handler.connectionOpened() } else { close() }
    }
}

extension OutgoingConnection: ChannelHandler {
    func channelRead(_ bytes: RawSpan) {
        if let handler { handler.connectionRead(bytes) } else { close() }
    }

    func channelEnded(_ end: ChannelEnd) {
        channel = nil
        switch end {
        case .endOfFile: handler?.connectionEnded("the server closed the connection")
        case .failed(let error): handler?.connectionEnded("\(error)")
        }
    }

    func channelDrained() {}
}
