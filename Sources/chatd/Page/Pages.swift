import Actors
import Transport

/// All files that are served: the browser client, and the built-in page or a directory.
struct Pages: Sendable {
    /// An option names a directory that cannot be used.
    struct OptionError: Error, CustomStringConvertible {
        let option: String
        let description: String
    }

    private let client: ClientBundle
    private let root: WebRoot?

    /// - Parameters:
    ///   - clientBundle: the directory of the official client's files; nil: the built-in client.
    ///   - webRoot: the directory to serve; nil: the built-in page.
    /// - Throws: ``OptionError`` if a directory does not exist or cannot be read.
    init(clientBundle: String?, webRoot: String?) throws(OptionError) {
        do {
            client = try clientBundle.map { path throws(FileError) in try ClientBundle(directory: path) } ?? .builtIn()
        } catch {
            throw OptionError(option: "client-bundle", description: error.description)
        }
        do {
            root = try webRoot.map { path throws(FileError) in try WebRoot(path) }
        } catch {
            throw OptionError(option: "web-root", description: error.description)
        }
    }

    /// Adds the routes.
    /// - Parameters:
    ///   - loop: the loop that the server will run on.
    ///   - enginePath: the path of Engine.IO; the client is served below it.
    /// - Throws: ``SystemError`` if the thread that reads the disk cannot be started.
    func install(on server: SocketServer, running loop: EventLoop, below enginePath: String) throws(SystemError) {
        for name in ClientBundle.names {
            let file = client.files[name]
            server.route(enginePath + name) { StaticFileHandler(file) }
        }
        guard let root else {
            for (path, file) in Page.files(enginePath: enginePath) {
                server.route(path) { StaticFileHandler(file) }
            }
            return
        }
        let disk = try EventLoop.start(name: "web-root")
        server.routeRest { WebRootHandler(root, loop: loop, disk: disk) }
    }
}
