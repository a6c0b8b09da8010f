extension Frames {
    /// The content of frame number `index`: a text packet with its Engine.IO type, or a binary message.
    package func message(_ index: Int) -> (content: ArraySlice<UInt8>, isBinary: Bool) {
        let bound = bounds[index]
        return (bytes[bound.payloadStart..<bound.end], bound.isBinary)
    }
}
