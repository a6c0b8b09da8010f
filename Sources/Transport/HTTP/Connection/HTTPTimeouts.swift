/// How long a client may take for each part of a request and its answer.
struct HTTPTimeouts {
    /// From the connection's start, or a request's first byte, to the end of the request's head.
    var head: Duration
    /// From there to the end of its body.
    var body: Duration
    /// For each 16 KiB of an answer.
    var answer: Duration
    /// Between requests.
    var idle: Duration
}
