/// Decodes an event's arguments one after the other.
struct ArgumentReader: Sendable {
    private let arguments: Arguments
    private let coding: ValueCoding
    private var position = 0

    init(_ arguments: Arguments, _ coding: ValueCoding) {
        self.arguments = arguments
        self.coding = coding
    }

    /// - Throws: `ArgumentError` if the argument is missing or has another type.
    mutating func next<Value: Decodable>(_ type: Value.Type) throws -> Value {
        defer { position += 1 }
        return try arguments.decode(type, at: position, coding: coding)
    }
}
