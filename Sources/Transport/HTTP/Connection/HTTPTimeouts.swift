/// The timeouts of an HTTP connection.
struct HTTPTimeouts {
    /// From the start of the connection, or from the first byte of a later request, to the end of the request's head.
    var head: Duration
    /// From the end of the head to the end of the body.
    var body: Duration
    /// The time for each 16 KiB of an answer.
    var answer: Duration
    /// The time between requests.
    var idle: Duration
}
