import Transport

/// The bytes that a client has sent and that are not accepted: what a connection holds of the server's memory before anybody
/// has agreed to it.
struct UnacceptedInput {
    /// All of them.
    var byteCount = 0
    /// Those of a packet whose attachments are due, as far as they were noted.
    var packetBytes = 0
    /// Those of the request that opened the session, until a socket is accepted.
    var requestBytes = 0
}

extension Connection {
    /// The client has sent something that waits until a socket is accepted.
    func hold(_ bytes: Int) {
        guard bytes != 0 else { return }
        unaccepted.byteCount += bytes
        session.value.handlerInput = unaccepted.byteCount
    }

    /// It has been accepted or dropped.
    func release(_ bytes: Int) {
        hold(-bytes)
    }

    /// Notes what the decoder holds after a batch of messages.
    func noteDecoder() {
        let bytes = decoder.heldBytes
        hold(bytes - unaccepted.packetBytes)
        unaccepted.packetBytes = bytes
    }

    func holdRequest() {
        unaccepted.requestBytes = session.value.request.byteCount
        hold(unaccepted.requestBytes)
    }

    /// A socket of the client is accepted.
    func accepted() {
        release(unaccepted.requestBytes)
        unaccepted.requestBytes = 0
    }
}
