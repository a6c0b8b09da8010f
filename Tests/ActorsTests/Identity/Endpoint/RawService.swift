import SimulatedMachine
import Testing
import Transport

/// A service whose answers a test writes byte by byte, on the test's machine.
///
/// Safety of `@unchecked Sendable`: a test runs on one thread.
final class RawService: @unchecked Sendable {
    enum Step: Sendable {
        case send(String)
        /// Sends the text in pieces of one byte, one in a second.
        case drip(String)
        case wait(Duration)
        case close
        case reset
    }

    let port: UInt16
    private let machine: any Machine
    private let listener: CInt
    private(set) var requests: [String] = []

    init() throws {
        machine = TestMachine.current.kernel.start { _ in }.machine
        let any = try SocketAddress.resolve(host: "127.0.0.1", port: 0)[0]
        let bound = try machine.listen(on: any)
        (listener, port) = (bound.descriptor, bound.address.port)
    }

    var url: String { "http://127.0.0.1:\(port)/auth" }

    /// A response with a JSON body.
    static func response(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Accepts the next connection, reads its request and takes the steps. Then leaves it open.
    func serve(_ steps: [Step]) async {
        var connection: CInt?
        await TestMachine.current.wait(.seconds(600)) { [self] in
            if connection == nil { connection = try? machine.accept(from: listener).descriptor }
            return connection != nil
        }
        guard let connection else { return }
        await readRequest(from: connection)
        for step in steps { await take(step, connection) }
    }

    /// The number of connections that wait to be accepted.
    func acceptAll() -> Int {
        var count = 0
        while (try? machine.accept(from: listener)) != nil { count += 1 }
        return count
    }

    private func readRequest(from connection: CInt) async {
        var received: [UInt8] = []
        await TestMachine.current.wait(.seconds(60)) { [self] in
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                if case .moved(let count) = machine.receive(from: connection, into: buffer) {
                    received += buffer.prefix(count)
                }
            }
            return Self.isComplete(received)
        }
        requests.append(String(decoding: received, as: UTF8.self))
    }

    private static func isComplete(_ request: [UInt8]) -> Bool {
        guard let head = request.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let lines = String(decoding: request[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let length = lines.compactMap { $0.hasPrefix("Content-Length: ") ? Int($0.dropFirst(16)) : nil }.first ?? 0
        return request.count - head.upperBound >= length
    }

    private func take(_ step: Step, _ connection: CInt) async {
        switch step {
        case .send(let text): await send(text, connection)
        case .drip(let text):
            for character in text {
                await send(String(character), connection)
                await TestMachine.current.wait(.seconds(1))
            }
        case .wait(let time): await TestMachine.current.wait(time)
        case .close: machine.close(connection)
        case .reset: machine.reset(connection)
        }
    }

    private func send(_ text: String, _ connection: CInt) async {
        var rest = Array(text.utf8)[...]
        await TestMachine.current.wait(.seconds(60)) { [self] in
            while !rest.isEmpty {
                switch rest.withUnsafeBytes({ machine.send($0, to: connection) }) {
                case .moved(let count): rest = rest.dropFirst(count)
                case .wouldBlock: return false
                case .failed: return true
                }
            }
            return true
        }
    }
}
