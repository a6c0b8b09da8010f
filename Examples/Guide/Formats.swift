import Cluster

func makeServerWithMessagePack() -> SocketServer {
    // docs: begin
    let server = SocketServer(ServerOptions(parser: .messagePack))
    // docs: end
    return server
}
