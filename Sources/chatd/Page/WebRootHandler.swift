import Transport

/// Serves a directory. A separate loop reads the disk, because the server's loop must not block.
final class WebRootHandler: HTTPRequestHandler {
    private let root: WebRoot
    private let loop: EventLoop
    private let disk: EventLoop

    /// - Parameters:
    ///   - loop: the server's loop.
    ///   - disk: a loop with its own thread.
    init(_ root: WebRoot, loop: EventLoop, disk: EventLoop) {
        self.root = root
        self.loop = loop
        self.disk = disk
    }

    func handle(_ exchange: HTTPExchange) {
        let head = exchange.request.head
        let bound = LoopBound(exchange, to: loop)
        disk.execute { [root, loop, disk] in
            let answer = root.answer(to: head)
            loop.execute {
                bound.value.respond(
                    answer.response, streaming: answer.file.map { FileBody($0, loop: loop, disk: disk) })
            }
        }
    }
}
