import Actors
import Transport

/// Everything that is served beside the protocol: the browser client, and a page or a directory.
struct Pages: Sendable {
    /// A directory that an option names cannot be used.
    struct OptionError: Error, CustomStringConvertible {
        let option: String
        let description: String
    }

    private let client: ClientBundle
    private let root: WebRoot?

    /// - Parameters:
    ///   - clientBundle: the directory of the official client's files; nil: the built-in client.
    ///   - webRoot: the directory to serve; nil: the built-in page.
    /// - Throws: ``OptionError`` when a directory is not there or cannot be read.
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
    /// - Parameter enginePath: the path of Engine.IO, below which pages expect the client.
    /// - Throws: ``SystemError`` when there is no thread for reading the disk.
    func install(on server: Server, below enginePath: String) async throws {
        for name in ClientBundle.names {
            let file = client.files[name]
            await server.route(enginePath + name) { StaticFileHandler(file) }
        }
        guard let root else {
            for (path, file) in Page.files(enginePath: enginePath) {
                await server.route(path) { StaticFileHandler(file) }
            }
            return
        }
        let loop = server.loop
        let disk = try EventLoop.start(name: "web-root")
        await server.routeRest { WebRootHandler(root, loop: loop, disk: disk) }
    }
}
