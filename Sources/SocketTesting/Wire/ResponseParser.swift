/// Decodes the head of a response, and its body if it has a length.
struct ResponseParser {
    /// The bytes that are not part of a decoded response.
    private(set) var rest: [UInt8] = []
    /// The method of the request. A response to HEAD has the length of a body that does not follow.
    private let method: String

    init(method: String = "GET") {
        self.method = method
    }

    /// Adds bytes of the server.
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - isLast: True at the end of the connection, which ends a body without a length.
    /// - Returns: The response once it is complete.
    mutating func receive(_ bytes: [UInt8], isLast: Bool = false) -> TestResponse? {
        rest += bytes
        guard let headEnd = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: rest[..<headEnd.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let statusLine = lines.first?.split(separator: " ") ?? []
        guard statusLine.count >= 2, let status = Int(statusLine[1]) else { return nil }
        let headers = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return (name: String(name), value: String(line.dropFirst(name.count + 1).drop { $0 == " " }))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) }
        let available = rest.count - headEnd.upperBound
        let hasBody = method != "HEAD" && status >= 200 && status != 204 && status != 304
        let count = hasBody ? length ?? (isLast ? available : nil) : 0
        guard let count, count <= available else { return nil }
        let body = Array(rest[headEnd.upperBound..<headEnd.upperBound + count])
        rest.removeFirst(headEnd.upperBound + count)
        return TestResponse(status: status, headers: headers, body: body)
    }
}
