/// The reason why an argument cannot be decoded.
public struct ArgumentError: Error, Sendable {
    /// The position of the argument. The first argument has position 0.
    public let position: Int

    /// The keys from the argument to the wrong part. Empty if the whole argument is wrong.
    public let codingPath: [any CodingKey]

    /// The expected type and the value that was found instead.
    public let reason: String

    /// - Parameters:
    ///   - position: The position of the argument.
    ///   - codingPath: The keys from the argument to the wrong part.
    ///   - reason: The expected type and the value that was found instead.
    init(position: Int, codingPath: [any CodingKey] = [], reason: String) {
        self.position = position
        self.codingPath = codingPath
        self.reason = reason
    }

    init(_ error: DecodingError, position: Int) {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self.init(position: position, codingPath: context.codingPath, reason: context.debugDescription)
        case .keyNotFound(let key, let context):
            self.init(position: position, codingPath: context.codingPath + [key], reason: context.debugDescription)
        @unknown default:
            self.init(position: position, reason: "\(error)")
        }
    }
}

extension ArgumentError: CustomStringConvertible {
    /// For example `argument 0, user.ages[2]: expected Int, found a string`.
    public var description: String { description(ofValue: "argument \(position)") }

    /// The description with another name for the argument.
    func description(ofValue name: String) -> String {
        var path = ""
        for key in codingPath {
            if let index = (key as? ValueKey)?.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return "\(name)\(path.isEmpty ? "" : ", " + path): \(reason)"
    }
}
