import Transport

/// Answers requests with the files of a directory.
///
/// Requests cannot reach anything outside the directory. Names that begin with a dot, including `..`, are not served,
/// except `.well-known`. A symbolic link works only if its target could be requested directly.
public struct WebRoot: Sendable {
    /// A response; if there is a file, the file is the body.
    struct Answer {
        let response: HTTPResponse
        var file: OpenFile?
    }

    private static let notFound = Answer(response: .text(.notFound, "nothing is here"))

    /// The answer while the machine has a temporary problem.
    static let unavailable = HTTPResponse.text(.serviceUnavailable, "this file cannot be served at the moment")

    private let directory: ServedDirectory

    /// Names a directory. Its files may change while it is served.
    /// - Parameter path: the directory's path. A relative one is below the working directory of the process.
    /// - Throws: ``FileError`` if the directory does not exist or cannot be read.
    public init(_ path: String) throws(FileError) {
        directory = try ServedDirectory(path, limit: .max)
    }

    /// The answer to a request. Waits for the disk.
    /// - Parameters:
    ///   - base: the path at which the directory is served; it ends in a slash.
    ///   - report: called with the error of a file that exists and cannot be read.
    func answer(to head: HTTPRequestHead, below base: String, report: (FileError) -> Void) -> Answer {
        guard head.method == .get || head.method == .head else { return Answer(response: StaticFile.methodNotAllowed) }
        guard head.path.hasPrefix(base) else {
            return head.path + "/" == base ? Answer(response: Self.redirect(to: head)) : Self.notFound
        }
        guard let relative = Self.relativePath("/" + head.path.dropFirst(base.count)) else { return Self.notFound }
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
            report(error)
            guard error.isTemporary else { return Answer(response: .text(.forbidden, "this file cannot be served")) }
            return Answer(response: Self.unavailable)
        }
    }

    /// Reads a file of one piece at once; a larger one is streamed.
    private static func answer(_ file: OpenFile, ifNoneMatch: String?) throws(FileError) -> Answer {
        let response = StaticFile.response(name: file.path, tag: file.tag, ifNoneMatch: ifNoneMatch)
        guard response.status == .ok, file.size <= FileBody.pieceSize else {
            return Answer(response: response, file: file)
        }
        var whole = response
        whole.body = try file.readAll()
        return Answer(response: whole)
    }

    /// Redirects a directory to its address with a final slash, so that relative links in its page work. The address is
    /// relative because the client chose the path, which must not lead to another host.
    private static func redirect(to head: HTTPRequestHead) -> HTTPResponse {
        let name = head.path.split(separator: "/").last ?? ""
        let query = head.query.map { "?\($0)" } ?? ""
        return HTTPResponse(status: .movedPermanently, headers: [("Location", "./\(name)/\(query)")])
    }

    /// The decoded path below the root. Nil for a path that is never served: one that does not begin with a slash, or
    /// that has an invalid escape, an escaped slash or zero byte, or bytes that are not UTF-8.
    static func relativePath(_ path: String) -> String? {
        let encoded = Array(path.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard encoded.count > 1, encoded[0].isEmpty else { return nil }
        var segments: [String] = []
        for (index, segment) in encoded.enumerated().dropFirst() {
            guard let name = PercentEncoding.decode(segment), !name.utf8.contains(UInt8(ascii: "/")) else { return nil }
            if name.isEmpty, index < encoded.count - 1 { return nil }
            if !ServedDirectory.isServed(name: name[...]) { return nil }
            segments.append(name)
        }
        return segments.joined(separator: "/")
    }
}
