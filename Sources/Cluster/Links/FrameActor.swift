/// An actor on a link's loop that the link tells.
protocol FrameActor: FrameHandler, Actor {
    /// - Throws: ``CodecError`` when the frame is none that may come.
    func handle(_ frame: FrameDecoder.Frame) throws(CodecError)
}

extension FrameActor {
    nonisolated func received(_ frame: FrameDecoder.Frame) throws(CodecError) {
        let failure = assumeIsolated { link -> CodecError? in
            do throws(CodecError) {
                try link.handle(frame)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
