import Transport

/// The size of a connection's input that the server holds in memory but has not accepted.
struct UnacceptedInput {
    /// The total size, in bytes.
    var byteCount = 0
    /// The size of the incomplete packet after the last batch of messages, in bytes.
    var packetBytes = 0
    /// The size of the request that opened the session, in bytes; 0 once a socket is accepted.
    var requestBytes = 0
}

extension Connection {
    /// Decodes one message with the server's parser.
    func decode(_ message: ClientMessage) throws -> Packet? {
        guard let parserInput else { return try decoder.receive(message) }
        return try parserInput.receive(message)
    }

    /// Counts input that the server has not accepted yet.
    func hold(_ bytes: Int) {
        guard bytes != 0 else { return }
        unaccepted.byteCount += bytes
        session.value.handlerInput = unaccepted.byteCount
    }

    /// Subtracts input that was accepted or dropped.
    func release(_ bytes: Int) {
        hold(-bytes)
    }

    /// Updates the size of the decoder's incomplete packet after a batch of messages.
    func updatePacketBytes() {
        let bytes = parserInput?.heldBytes ?? decoder.heldBytes
        hold(bytes - unaccepted.packetBytes)
        unaccepted.packetBytes = bytes
    }

    /// Counts the request that opened the session.
    func holdRequest() {
        unaccepted.requestBytes = session.value.request.byteCount
        hold(unaccepted.requestBytes)
    }

    /// Subtracts the opening request once a socket of the client is accepted.
    func accepted() {
        release(unaccepted.requestBytes)
        unaccepted.requestBytes = 0
    }
}
