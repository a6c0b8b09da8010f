/// The body of an answer that is being sent piece by piece.
struct HTTPBodyStream {
    let source: any HTTPBodySource
    var transfer: HTTPBodyTransfer
    /// Whether the connection ends with it.
    let mustClose: Bool
}
