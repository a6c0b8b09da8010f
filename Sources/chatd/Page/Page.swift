import ChatdAssets
import StaticFiles

/// The built-in page: a chat in three files and an icon, which depend only on the browser client.
enum Page {
    /// The content security policy: the page may load only the server's files and connect only to the server. An
    /// injected script or style has no effect.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    /// The files by their paths.
    /// - Parameter enginePath: the path from which the page loads the browser client, and so the path that it connects
    ///   to.
    static func files(enginePath: String = "/socket.io/") -> [String: StaticFile] {
        [
            "/": StaticFile(
                name: "index.html", bytes: html(enginePath: enginePath),
                headers: [("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer")]),
            "/page.css": StaticFile(name: "page.css", bytes: PageFiles.style),
            "/page.js": StaticFile(name: "page.js", bytes: script),
            "/icon.svg": StaticFile(name: "icon.svg", bytes: PageFiles.icon),
        ]
    }

    /// The page with a relative reference to the client, because a proxy may serve both below a path prefix.
    private static func html(enginePath: String) -> [UInt8] {
        let parts = String(decoding: PageFiles.html, as: UTF8.self).split(separator: "\"socket.io/", maxSplits: 1)
        return Array(parts.joined(separator: "\"\(enginePath.dropFirst())").utf8)
    }

    /// The files of the script joined into one, in a scope of their own.
    private static var script: [UInt8] {
        Array("\"use strict\";\n(() => {\n".utf8) + PageFiles.scripts.joined(separator: Array("\n".utf8))
            + Array("})();\n".utf8)
    }
}
