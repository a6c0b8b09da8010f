/// Decodes an event's arguments one after the other.
struct ArgumentReader: Sendable {
    let arguments: Arguments
    private let coding: ValueCoding
    private var position = 0

    init(_ arguments: Arguments, _ coding: ValueCoding) {
        self.arguments = arguments
        self.coding = coding
    }

    /// - Throws: ``RejectedArgument`` if the argument is missing or has another type.
    mutating func next<Value: Decodable>(_ type: Value.Type) throws -> Value {
        defer { position += 1 }
        do {
            return try arguments.decode(type, at: position, coding: coding)
        } catch let error as ArgumentError {
            throw RejectedArgument(error: error)
        }
    }
}

/// A client's argument that a handler does not accept. The client may see the reason, in contrast to that of an
/// ``ArgumentError`` about the server's own data.
private struct RejectedArgument: ClientError, CustomStringConvertible {
    let error: ArgumentError

    var clientMessage: String { error.description }
    var description: String { error.description }
}
