import Synchronization

/// One HTTP request on a connection of its own.
final class ClientRequest: MemoryClient {
    private let machine: MemoryMachine
    private let parser: Mutex<ResponseParser>
    private let response = Wait<TestResponse>()

    /// - Parameter method: The method of the request.
    init(_ method: String, on machine: MemoryMachine) {
        self.machine = machine
        parser = Mutex(ResponseParser(method: method))
    }

    func send(_ request: [UInt8], to listener: CInt, timeout: Duration) async throws -> TestResponse {
        guard let connection = machine.connect(self, to: listener) else { throw TestError.connectionEnded }
        defer { machine.end(connection) }
        machine.send(request, from: connection)
        return try await response.value(within: timeout) { TestError.timedOut(expected: "the response", arrived: []) }
    }

    func received(_ bytes: [UInt8]) {
        if let complete = parser.withLock({ $0.receive(bytes) }) { response.end(.success(complete)) }
    }

    func connectionEnded() {
        if let complete = parser.withLock({ $0.receive([], isLast: true) }) { response.end(.success(complete)) }
        response.end(.failure(TestError.connectionEnded))
    }
}
