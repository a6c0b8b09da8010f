import TestSupport

/// A random valid request and its bytes.
struct HTTPGeneratedRequest {
    let method: String
    let target: String
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    let bytes: [UInt8]

    init(using random: inout SplitMix64) {
        method = Self.text("GETPOSXYZ!#$%&'*+-.^_`|~09", 1...8, using: &random)
        target = "/" + Self.text("abz09-._~%/?&=+:@!$'()*,;", 0...40, using: &random)
        body = (0..<Int.random(in: 0...120, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        var headers = [(name: "Host", value: Self.text("abc.:019[]", 0...12, using: &random))]
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            // The prefix keeps random names different from names with a meaning.
            let name = "X-" + Self.text("abcXYZ09-_!", 0...10, using: &random)
            let value = Self.text("ab \t,;=\"é☃", 0...30, using: &random)
            headers.append((name, value.drop { " \t".contains($0) }.trimmingEnd()))
        }
        let isChunked = Bool.random(using: &random)
        if isChunked {
            headers.append(("Transfer-Encoding", "chunked"))
        } else if !body.isEmpty || Bool.random(using: &random) {
            headers.append(("Content-Length", String(body.count)))
        } else {
            headers.append(("X-No-Body", ""))
        }
        headers.shuffle(using: &random)
        self.headers = headers

        var bytes = Array("\(method) \(target) HTTP/1.1\r\n".utf8)
        for (name, value) in headers {
            let padding = Self.text(" \t", 0...3, using: &random)
            bytes += "\(name):\(padding)\(value)\(padding)\(Bool.random(using: &random) ? "\r\n" : "\n")".utf8
        }
        bytes += "\r\n".utf8
        bytes += isChunked ? Self.chunks(of: body, using: &random) : body
        self.bytes = bytes
    }

    private static func chunks(of body: [UInt8], using random: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...50, using: &random))
            rest = rest.dropFirst(chunk.count)
            let size = String(chunk.count, radix: 16, uppercase: Bool.random(using: &random))
            bytes += "\(size)\(Bool.random(using: &random) ? " ;a=\"b\"" : "")\r\n".utf8
            bytes += chunk
            bytes += "\r\n".utf8
        }
        return bytes + "0\r\n\(Bool.random(using: &random) ? "T: u\r\n" : "")\r\n".utf8
    }

    private static func text(
        _ alphabet: String, _ length: ClosedRange<Int>, using random: inout SplitMix64
    ) -> String {
        let characters = Array(alphabet)
        return String(
            (0..<Int.random(in: length, using: &random)).map { _ in
                characters[Int.random(in: 0..<characters.count, using: &random)]
            })
    }
}

extension Substring {
    fileprivate func trimmingEnd() -> String {
        var text = self
        while let last = text.last, " \t".contains(last) { text.removeLast() }
        return String(text)
    }
}
