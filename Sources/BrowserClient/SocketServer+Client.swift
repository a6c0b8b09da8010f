import Actors
import StaticFiles

extension SocketServer {
    /// Serves the browser client below ``EngineOptions/path``, as the official server does with `serveClient`:
    /// `/socket.io/socket.io.js`, and the minified forms `socket.io.min.js` and `socket.io.esm.min.js`.
    ///
    /// The built-in client takes about 40 KB of the program, so it is a library of its own, and a server without this
    /// call serves no client. A file that the bundle lacks is answered with 404.
    /// - Parameter bundle: the files.
    public func serveClient(_ bundle: ClientBundle = .builtIn()) {
        for name in ClientBundle.names { serve(bundle.files[name], at: options.engine.path + name) }
    }
}
