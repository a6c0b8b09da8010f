import Actors
import Transport

/// Serves a directory. A separate loop reads the disk, because the server's loop must not block.
final class WebRootHandler: HTTPRequestHandler {
    private let root: WebRoot
    private let base: String
    private let report: @Sendable (any Error) -> Void
    /// The loop that reads the disk. Its thread starts with the first request and ends with the server's loop, or when
    /// the server is released.
    private var disk: EventLoop?

    /// - Parameters:
    ///   - base: the path at which the directory is served; it ends in a slash.
    ///   - report: called with the reason why a file cannot be served.
    init(_ root: WebRoot, at base: String, report: @escaping @Sendable (any Error) -> Void) {
        self.root = root
        self.base = base
        self.report = report
    }

    deinit {
        disk?.stop()
    }

    func handle(_ exchange: HTTPExchange) {
        let disk: EventLoop
        do {
            disk = try self.disk ?? startDisk(for: exchange.loop)
        } catch {
            report(error)
            return exchange.respond(WebRoot.unavailable)
        }
        let head = exchange.request.head
        disk.execute { [root, base, report] in
            let answer = root.answer(to: head, below: base, report: report)
            exchange.loop.execute {
                exchange.respond(
                    answer.response, streaming: answer.file.map { FileBody($0, loop: exchange.loop, disk: disk) })
            }
        }
    }

    private func startDisk(for loop: EventLoop) throws(SystemError) -> EventLoop {
        let started = try EventLoop.start(name: "files")
        loop.atEnd { started.stop() }
        disk = started
        return started
    }
}
