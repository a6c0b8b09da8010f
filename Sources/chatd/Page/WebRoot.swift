import Transport

/// A directory whose files are served, and what each request for one gets.
///
/// Nothing outside it can be reached: names that begin with a dot are not served, `..` among them (`.well-known` is), and a
/// symbolic link counts only if it ends at something that is.
struct WebRoot: Sendable {
    /// A response; with a file, its body is that.
    struct Answer {
        let response: HTTPResponse
        var file: OpenFile?
    }

    private static let notFound = Answer(response: .text(.notFound, "nothing is here"))

    private let directory: ServedDirectory

    /// - Throws: ``FileError`` when there is no such directory or it cannot be read.
    init(_ path: String) throws(FileError) {
        directory = try ServedDirectory(path, limit: .max)
    }

    /// The answer to a request. Reads from the disk, and so waits for it.
    func answer(to head: HTTPRequestHead) -> Answer {
        guard head.method == .get || head.method == .head else { return Answer(response: StaticFile.methodNotAllowed) }
        guard let relative = Self.relativePath(head.path) else { return Self.notFound }
        do {
            var entry = try directory.entry(relative)
            if case .directory = entry {
                guard head.path.hasSuffix("/") else { return Answer(response: Self.redirect(to: head)) }
                entry = try directory.entry(relative + "/index.html")
            } else if head.path.hasSuffix("/") {
                return Self.notFound
            }
            guard case .file(let file) = entry else { return Self.notFound }
            return try Self.answer(file, ifNoneMatch: head.headers["if-none-match"])
        } catch {
            Console.log("not served: \(error)", kind: "file", .repeated)
            guard error.isPassing else { return Answer(response: .text(.forbidden, "this file cannot be served")) }
            return Answer(response: .text(.serviceUnavailable, "this file cannot be served at the moment"))
        }
    }

    /// A file that is one piece anyway is read at once.
    private static func answer(_ file: OpenFile, ifNoneMatch: String?) throws(FileError) -> Answer {
        let response = StaticFile.response(name: file.path, tag: file.tag, ifNoneMatch: ifNoneMatch)
        guard response.status == .ok, file.size <= FileBody.pieceSize else {
            return Answer(response: response, file: file)
        }
        var whole = response
        whole.body = try file.readAll()
        return Answer(response: whole)
    }

    /// A directory has its address with a slash at the end, so that relative links in its page are right. The address is
    /// relative too: the path is the client's and must not lead to another host.
    private static func redirect(to head: HTTPRequestHead) -> HTTPResponse {
        let name = head.path.split(separator: "/").last ?? ""
        let query = head.query.map { "?\($0)" } ?? ""
        return HTTPResponse(status: .movedPermanently, headers: [("Location", "./\(name)/\(query)")])
    }

    /// The decoded path below the root; nil for one that is not served whatever is there.
    static func relativePath(_ path: String) -> String? {
        guard let decoded = percentDecoded(path), decoded.hasPrefix("/") else { return nil }
        let segments = decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            if segment.isEmpty, index < segments.count - 1 { return nil }
            if !ServedDirectory.isServed(name: segment) { return nil }
        }
        return String(decoded.dropFirst())
    }

    /// Nil for a broken escape, one of a slash or a zero byte, or what is not UTF-8.
    private static func percentDecoded(_ path: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(path).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt8(String(Substring(digits)), radix: 16), value != 0, value != UInt8(ascii: "/")
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }
}
