import ChatdAssets

/// The built-in page: a chat in three files and an icon, which need nothing from elsewhere but the browser client.
enum Page {
    /// What the browser lets the page do: use the server's own files and speak to the server. A script or a style
    /// that somebody smuggles into it does nothing.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    /// The files by their paths.
    /// - Parameter enginePath: where the page finds the browser client, and so connects to.
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

    /// The page with a relative reference to the client: a proxy may have put both below a path of its own.
    private static func html(enginePath: String) -> [UInt8] {
        let parts = String(decoding: PageFiles.html, as: UTF8.self).split(separator: "\"socket.io/", maxSplits: 1)
        return Array(parts.joined(separator: "\"\(enginePath.dropFirst())").utf8)
    }

    /// The files of the script as one, with names that no other script sees.
    private static var script: [UInt8] {
        Array("\"use strict\";\n(() => {\n".utf8) + PageFiles.scripts.joined(separator: Array("\n".utf8))
            + Array("})();\n".utf8)
    }
}
