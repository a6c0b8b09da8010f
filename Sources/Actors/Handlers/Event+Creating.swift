extension Event {
    /// Creates an event, for unit tests of handlers.
    /// - Parameters:
    ///   - name: The event's name.
    ///   - arguments: The event's arguments.
    ///   - acknowledgement: Receives the handler's answer; nil if the client expects none.
    public init(_ name: String, _ arguments: Arguments = [], acknowledgement: Acknowledgement? = nil) {
        self.init(name: name, arguments: arguments, acknowledgement: acknowledgement)
    }
}
