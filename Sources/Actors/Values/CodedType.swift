import Synchronization

/// The treatment of a type by the encoder and the decoder.
enum CodedType {
    /// A boolean, number or string: `JSONScalar`.
    case scalar
    /// `JSONText`, carried unchanged.
    case text
    /// `Argument`, carried unchanged.
    case argument
    /// `[UInt8]`, `ContiguousArray<UInt8>` and Foundation's `Data`: an attachment.
    case bytes
    /// Foundation's `Date`.
    case date
    /// Foundation's `URL`.
    case url
    /// Foundation's `Decimal`.
    case decimal
    /// Every other type encodes and decodes itself.
    case other

    /// The types that a process codes are few, and their names are slow to compute.
    private static let known = Mutex<[ObjectIdentifier: CodedType]>([:])

    init(_ type: Any.Type) {
        let id = ObjectIdentifier(type)
        if let known = Self.known.withLock({ $0[id] }) {
            self = known
        } else {
            self = Self.classify(type)
            Self.known.withLock { [self] in $0[id] = self }
        }
    }

    private static func classify(_ type: Any.Type) -> CodedType {
        if type is any JSONScalar.Type { return .scalar }
        if type == JSONText.self { return .text }
        if type == Argument.self { return .argument }
        if type == [UInt8].self || type == ContiguousArray<UInt8>.self { return .bytes }
        // Foundation's types are found by name: a reference to one of them links all of FoundationEssentials, which
        // adds 7 MB to a static binary.
        switch String(reflecting: type) {
        case "FoundationEssentials.Data": return .bytes
        case "FoundationEssentials.Date": return .date
        case "FoundationEssentials.URL": return .url
        case "FoundationEssentials.Decimal": return .decimal
        default: return .other
        }
    }
}
