/// The reason why a test's client did not get what the test expects.
public enum TestError: Error, Sendable, CustomStringConvertible {
    /// It did not arrive in time. `arrived` lists what arrived instead and was not expected yet.
    case timedOut(expected: String, arrived: [String])
    /// The client was disconnected before. `arrived` lists what arrived instead and was not expected yet.
    case disconnected(expected: String, reason: TestDisconnection, arrived: [String])
    /// Something arrived where nothing was expected.
    case unexpected([String])
    /// The server answered the request for a connection with this HTTP response.
    case refused(TestResponse)
    /// The connection ended before the server answered completely.
    case connectionEnded
    /// The client is already connected to this namespace, or waits for the answer.
    case alreadyConnected(String)
    /// The test's server has no worker of this number.
    case noSuchWorker(Int)
    /// The server has another parser than the default one (``ServerOptions/parser``), whose packets test clients do not
    /// understand.
    case unsupportedParser(String)
    /// The server sent something that no client understands.
    case invalidPacket(String)

    public var description: String {
        switch self {
        case .timedOut(let expected, let arrived):
            "\(expected) did not arrive in time; \(Self.list(arrived))"
        case .disconnected(let expected, let reason, let arrived):
            "\(expected) did not arrive: the client was disconnected (\(reason.rawValue)); \(Self.list(arrived))"
        case .unexpected(let arrived): "expected nothing; \(Self.list(arrived))"
        case .refused(let response):
            "the server refused the connection with \(response.status): \(response.text)"
        case .connectionEnded: "the connection ended before the server's answer was complete"
        case .alreadyConnected(let namespace): "the client is already connected to \(namespace)"
        case .noSuchWorker(let number): "there is no worker \(number)"
        case .unsupportedParser(let parser):
            "clients of a test only speak the default format, and the server has the parser \(parser)"
        case .invalidPacket(let packet): "the server sent an invalid packet: \(packet)"
        }
    }

    private static func list(_ arrived: [String]) -> String {
        arrived.isEmpty ? "nothing arrived" : "arrived: \(arrived.joined(separator: ", "))"
    }
}
