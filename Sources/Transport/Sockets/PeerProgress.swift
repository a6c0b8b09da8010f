/// The progress of a peer: how many bytes it has received and sent. Only the peer can increase these numbers.
struct PeerProgress: Equatable {
    /// One answer, one request, or everything in one direction of a WebSocket.
    struct Transfer: Equatable {
        /// Identifies the transfer.
        var number = 0
        /// The number of its bytes that have arrived.
        var bytes = 0

        /// The number of bytes that have arrived since `earlier`. If `earlier` is another transfer, this transfer began
        /// later, and all bytes of this transfer count.
        fileprivate func bytes(since earlier: Transfer) -> Int {
            number == earlier.number ? bytes - earlier.bytes : bytes
        }
    }

    /// The bytes that the peer's TCP has acknowledged.
    var acknowledged = Transfer()
    /// The bytes received from the peer.
    var sent = Transfer()
    /// True if bytes wait for the peer, or one of its messages has arrived in part. It may then be too busy to answer.
    var isUnfinished = false
    /// The number of bytes that the peer must receive or send between two checks to count as alive
    /// (``Limits/minimumProgress``).
    var minimum = Limits().minimumProgress

    /// True if a transfer is unfinished, or was at `earlier`, and the peer has transferred at least ``minimum`` bytes
    /// in between. A transfer that has just finished counts too, because the peer has had no time to answer.
    func hasAdvanced(since earlier: PeerProgress) -> Bool {
        (isUnfinished || earlier.isUnfinished)
            && max(acknowledged.bytes(since: earlier.acknowledged), sent.bytes(since: earlier.sent)) >= minimum
    }
}
