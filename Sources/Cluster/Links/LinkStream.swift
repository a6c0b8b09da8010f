import Transport

/// The bytes below a link: a pair of pipes, or a transport of the program.
protocol LinkStream: AnyObject {
    /// True until the stream is closed.
    var isOpen: Bool { get }
    /// The number of bytes that the system has not accepted.
    var pendingBytes: Int { get }
    /// The time since which the system has accepted nothing while bytes wait; nil if none wait.
    var stalledSince: ContinuousClock.Instant? { get }
    /// The reason for the end of the stream; nil if the other side closed it.
    var failure: LinkEnd? { get }

    /// - Throws: ``SystemError`` if the loop cannot watch the stream.
    func open(for handler: any PipeHandler) throws(SystemError)
    func send(_ bytes: [UInt8])
    /// Reads what the other side has written, within this call. Only pipes can.
    func readAvailable()
    func close()
}

extension PipePair: LinkStream {
    var failure: LinkEnd? { nil }
}
