/// The receiver of a pipe's input and events.
public protocol PipeHandler: AnyObject {
    /// Handles the bytes of one read. They are valid only during the call.
    func pipeRead(_ bytes: RawSpan)
    /// The other side has closed the pipe, or reading failed. All bytes that it wrote were delivered before. No call
    /// follows.
    func pipeEnded()
    /// The kernel has accepted all bytes sent so far.
    func pipeAccepted()
}
