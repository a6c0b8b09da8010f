import BrowserClientAssets
import StaticFiles

/// The browser client that pages load: the built-in one, or the official one from a directory.
public struct ClientBundle: Sendable {
    /// The names of the files that pages request, the same as those of the official server.
    public static let names = [
        "socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js",
    ].flatMap { [$0, $0 + ".map"] }

    /// The largest file read from a directory, in bytes.
    private static let limit = 4 << 20

    /// The available files, by name.
    public let files: [String: StaticFile]

    /// The built-in client in three forms: readable, minified, and minified as a module. Minifying takes some
    /// milliseconds.
    public static func builtIn() -> ClientBundle {
        let source = ClientSources.files.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        let minimized = ScriptMinimizer.minimized(
            source, keeping: ["_placeholder", "io", "Manager", "Socket", "protocol"])
        let note = "// chatd's client for Socket.IO 5. The sources are in Sources/BrowserClient/Assets/socket.io.\n"
        let texts = [
            "socket.io.js": note + script(source),
            "socket.io.min.js": script(minimized),
            "socket.io.esm.min.js": "let scriptURL=import.meta.url;\(minimized)"
                + "export{io,io as connect,io as default,Manager,Socket,protocol}\n",
        ]
        return ClientBundle(
            files: texts.reduce(into: [:]) { $0[$1.key] = StaticFile(name: $1.key, bytes: Array($1.value.utf8)) })
    }

    /// A script that defines `io`: as a global of a page, or as a CommonJS module.
    ///
    /// The script reads its own URL, from which the client derives the path of its server.
    private static func script(_ source: String) -> String {
        "(()=>{\"use strict\";"
            + "let scriptURL=typeof document===\"object\"&&document.currentScript?.src;\n\(source)"
            + "if(typeof module===\"object\")module.exports=io;else globalThis.io=io})()\n"
    }

    private init(files: [String: StaticFile]) {
        self.files = files
    }

    /// Reads the files of a directory that have names of the bundle. A link that leads out of the directory is skipped.
    /// - Parameter path: the directory, for example `client-dist` of the npm package `socket.io`.
    /// - Throws: ``FileError`` if there are none or one cannot be read.
    public init(directory path: String) throws(FileError) {
        let directory = try ServedDirectory(path, limit: Self.limit)
        var files: [String: StaticFile] = [:]
        for name in Self.names {
            guard let entry = try directory.entry(name) else { continue }
            guard case .file(let file) = entry else { throw FileError(description: "\(path)/\(name): not a file") }
            files[name] = StaticFile(name: name, bytes: try file.readAll())
        }
        guard !files.isEmpty else {
            throw FileError(description: "\(path): none of \(Self.names.filter { !$0.hasSuffix(".map") }) exists")
        }
        self.files = files
    }
}
