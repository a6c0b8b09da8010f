/// An HTTP request on a separate connection.
enum TestRequest {
    struct TimedOut: Error {}

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - methodAndTarget: such as `GET /socket.io/`.
    ///   - address: the client's address.
    ///   - onSent: called when the request is queued for sending.
    /// - Returns: all bytes until the server closes the connection; empty if it closes without a response.
    static func answer(
        to methodAndTarget: String, body: String = "", port: UInt16, from address: String = "127.0.0.1",
        onSent: () -> Void = {}
    ) async throws -> String {
        let connection = try TestConnection(port: port, from: address)
        var answer: [UInt8] = []
        var isOver = false
        connection.received = { answer += $0 }
        connection.ended = { isOver = true }
        let head = "Host: localhost\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        connection.send("\(methodAndTarget) HTTP/1.1\r\n\(head)\(body)".utf8)
        onSent()
        await TestMachine.current.wait(.seconds(60)) { isOver }
        connection.close()
        guard isOver else { throw TimedOut() }
        return String(decoding: answer, as: UTF8.self)
    }
}
