extension ClientSocket {
    /// Makes a request on a connection of its own.
    /// - Parameters:
    ///   - start: method and target.
    ///   - onSent: called when the request is on its way.
    /// - Returns: everything that is answered until the server closes the connection; empty when it does so at once.
    static func answer(
        to start: String, body: String = "", port: UInt16, onSent: () -> Void = {}
    ) throws -> String {
        let socket = try ClientSocket(port: port)
        let head = "Host: localhost\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        socket.send(Array("\(start) HTTP/1.1\r\n\(head)\(body)".utf8))
        onSent()
        var answer: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            switch socket.read() {
            case .bytes(let bytes): answer += bytes
            case .nothing: continue
            case .end: return String(decoding: answer, as: UTF8.self)
            }
        }
        throw ClientInbox.Failure.timedOut
    }
}
