/// What lives on a pipe.
public protocol PipeHandler: AnyObject {
    /// Bytes arrived. They are gone when the call returns.
    func pipeRead(_ bytes: RawSpan)
    /// The other side is gone, or reading failed; everything that it wrote was read before. Nothing follows.
    func pipeEnded()
    /// Everything that was sent has been accepted by the kernel.
    func pipeAccepted()
}
