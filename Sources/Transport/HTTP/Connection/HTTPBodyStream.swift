/// The body of an answer that is being sent in pieces.
struct HTTPBodyStream {
    let source: any HTTPBodySource
    var transfer: HTTPBodyTransfer
    /// True if the connection must close after the body.
    let mustClose: Bool
}
