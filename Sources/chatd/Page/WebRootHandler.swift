import Transport

/// Serves a directory. The disk is read on a loop of its own, since nothing on the server's loop may wait.
final class WebRootHandler: HTTPRequestHandler {
    private let reader: Reader
    private let answerer: Answerer

    /// - Parameters:
    ///   - loop: the server's.
    ///   - disk: runs on a thread of its own.
    init(_ root: WebRoot, loop: EventLoop, disk: EventLoop) {
        reader = Reader(root: root, loop: disk)
        answerer = Answerer(loop: loop)
    }

    func handle(_ exchange: HTTPExchange) {
        let head = exchange.request.head
        let bound = LoopBound(exchange, to: answerer.loop)
        Task { [reader, answerer] in
            await answerer.answer(bound, with: await reader.response(to: head))
        }
    }

    private actor Reader {
        private let root: WebRoot
        private let loop: EventLoop

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(root: WebRoot, loop: EventLoop) {
            self.root = root
            self.loop = loop
        }

        func response(to head: HTTPRequestHead) -> HTTPResponse {
            root.response(to: head)
        }
    }

    private actor Answerer {
        nonisolated let loop: EventLoop

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(loop: EventLoop) {
            self.loop = loop
        }

        func answer(_ exchange: LoopBound<HTTPExchange>, with response: HTTPResponse) {
            exchange.value.respond(response)
        }
    }
}
