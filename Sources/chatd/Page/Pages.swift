import Actors
import BrowserClient
import StaticFiles

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
    func install(on server: SocketServer) {
        server.serveClient(client)
        if let root { return server.serve(root) }
        for (path, file) in Page.files(enginePath: server.options.engine.path) { server.serve(file, at: path) }
    }
}
