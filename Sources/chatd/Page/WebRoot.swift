import Transport

/// A directory whose files are served, and what each request for one gets.
///
/// Nothing outside it can be reached: names that begin with a dot are not served, `..` among them (`.well-known` is), and a
/// symbolic link counts only if it ends inside.
struct WebRoot: Sendable {
    /// The largest file that is served, in bytes: it is in memory until the client has it.
    static let limit = 32 << 20

    private let root: String

    /// - Throws: ``FileError`` when there is no such directory or it cannot be read.
    init(_ path: String) throws(FileError) {
        root = try FileReader.resolveDirectory(path)
    }

    /// The answer to a request. Reads from the disk, and so waits for it.
    func response(to head: HTTPRequestHead) -> HTTPResponse {
        guard head.method == .get || head.method == .head else { return StaticFile.methodNotAllowed }
        guard let relative = Self.relativePath(head.path), var path = resolveInside("\(root)/\(relative)") else {
            return .text(.notFound, "nothing is here")
        }
        if FileReader.isDirectory(path) {
            guard head.path.hasSuffix("/") else { return Self.redirect(to: head.path) }
            guard let index = resolveInside(path + "/index.html") else { return .text(.notFound, "nothing is here") }
            path = index
        } else if head.path.hasSuffix("/") {
            return .text(.notFound, "nothing is here")
        }
        return file(path, ifNoneMatch: head.headers["if-none-match"])
    }

    private func file(_ path: String, ifNoneMatch: String?) -> HTTPResponse {
        do {
            let (bytes, status) = try FileReader.read(path, limit: Self.limit) { $0.matches(ifNoneMatch: ifNoneMatch) }
            return StaticFile(name: path, bytes: bytes, tag: status.tag).response(ifNoneMatch: ifNoneMatch)
        } catch {
            Console.log("not served: \(error)")
            return .text(.forbidden, "this file cannot be served")
        }
    }

    /// The path that a link leads to, if that is inside.
    private func resolveInside(_ path: String) -> String? {
        guard let resolved = FileReader.resolve(path) else { return nil }
        let prefix = root == "/" ? root : root + "/"
        return resolved == root || resolved.hasPrefix(prefix) ? resolved : nil
    }

    /// A directory has its address with a slash at the end, so that relative links in its page are right. The address is
    /// relative too: the path is the client's and must not lead to another host.
    private static func redirect(to path: String) -> HTTPResponse {
        let name = path.split(separator: "/").last ?? ""
        return HTTPResponse(status: .movedPermanently, headers: [("Location", "./\(name)/")])
    }

    /// The decoded path below the root; nil for one that is not served whatever is there.
    static func relativePath(_ path: String) -> String? {
        guard let decoded = percentDecoded(path), decoded.hasPrefix("/") else { return nil }
        let segments = decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            if segment.isEmpty, index < segments.count - 1 { return nil }
            if segment.hasPrefix("."), segment != ".well-known" { return nil }
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
