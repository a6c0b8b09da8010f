/// How far a peer has come with what it is sent and with what it sends, in bytes that grow with nothing but its own doing.
struct PeerProgress: Equatable {
    /// One answer, one request, or all that goes one way on a WebSocket.
    struct Transfer: Equatable {
        /// Tells transfers apart.
        var number = 0
        /// How many of its bytes have arrived.
        var bytes = 0

        /// How many bytes have arrived since an earlier look. A transfer that was not there then began after it.
        fileprivate func bytes(since earlier: Transfer) -> Int {
            number == earlier.number ? bytes - earlier.bytes : bytes
        }
    }

    /// What the peer's TCP has acknowledged.
    var taken = Transfer()
    /// What the peer has sent.
    var sent = Transfer()
    /// Whether bytes wait for the peer, or a message of its own has arrived in part: it may be too busy to answer.
    var isUnfinished = false
    /// What a peer must have taken or sent between two looks to be taken for alive (``Limits/leastProgress``).
    var least = Limits().leastProgress

    /// Whether the peer has been in the middle of something since an earlier look, and got on with it. Who has come to its
    /// end has had no time yet for anything else.
    func showsLife(since earlier: PeerProgress) -> Bool {
        (isUnfinished || earlier.isUnfinished)
            && max(taken.bytes(since: earlier.taken), sent.bytes(since: earlier.sent)) >= least
    }
}
