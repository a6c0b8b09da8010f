/// The server's handlers, sockets and events are those of its main namespace.
extension SocketServer: ConnectionHandling, Broadcasting {
    /// The main namespace.
    public var main: Namespace { of("/") }

    public var handlerRegistry: HandlerRegistry { main.handlerRegistry }

    public var everyone: Audience { main.everyone }
}
