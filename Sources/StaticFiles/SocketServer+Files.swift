import Actors
import Transport

/// Files for browsers. They are sent with an entity tag and must be revalidated each time, so that a changed file is
/// never used from a cache. Requests for parts of a file (`Range`) get the whole file.
extension SocketServer {
    /// Serves the files of a directory, with `index.html` for directories.
    ///
    /// A thread of its own reads the disk. A file that exists and cannot be read is answered with 403 or 503, and
    /// reported (``ServerReport``).
    /// - Parameters:
    ///   - directory: the directory's path. A relative one is below the working directory of the process.
    ///   - path: the path of the directory on the server; it begins with a slash. At `/` the directory gets the
    ///     requests that no other route has, and only one directory can be served there.
    /// - Throws: ``FileError`` if the directory does not exist or cannot be read.
    public func serveFiles(from directory: String, at path: String = "/") throws(FileError) {
        serve(try WebRoot(directory), at: path)
    }

    /// Serves the files of a directory. See ``serveFiles(from:at:)``.
    /// - Precondition: the path begins with a slash. It is written in the program, so another one is a mistake there.
    public func serve(_ root: WebRoot, at path: String = "/") {
        guard path.hasPrefix("/") else { fatalError("the path of a directory must begin with a slash: \(path)") }
        let base = path.hasSuffix("/") ? path : path + "/"
        let makeHandler: @Sendable () -> any HTTPRequestHandler = { [report] in
            WebRootHandler(root, at: base) { report(.routeFailed($0, path: base)) }
        }
        guard base != "/" else { return routeRest(makeHandler) }
        route(base, makeHandler)
        // Without the slash at its end the address is redirected, so that relative links in the page work.
        route(String(base.dropLast()), makeHandler)
    }

    /// Serves a file from memory.
    /// - Parameters:
    ///   - file: the file; nil to answer with 404.
    ///   - path: the path of the file on the server.
    /// - Precondition: the path begins with a slash. It is written in the program, so another one is a mistake there.
    public func serve(_ file: StaticFile?, at path: String) {
        guard path.hasPrefix("/") else { fatalError("the path of a file must begin with a slash: \(path)") }
        route(path) { StaticFileHandler(file) }
    }
}
