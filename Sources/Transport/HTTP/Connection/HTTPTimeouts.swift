/// How long a client may take for each part of a request and its answer.
struct HTTPTimeouts {
    /// From the connection's start, or a request's first byte, to the end of the request's head.
    var head = Duration.seconds(10)
    /// From there to the end of its body.
    var body = Duration.seconds(60)
    /// For each 16 KiB of an answer.
    var answer = Duration.seconds(60)
    /// Between requests.
    var idle = Duration.seconds(75)
}
