/// A value under construction. Containers are objects, because `Codable` may add to an outer container and an inner one
/// in any order.
enum EncodedValue {
    case null
    case bool(Bool)
    /// The text of a JSON number.
    case number(String)
    case string(String)
    /// JSON that is copied unchanged.
    case text(JSONText)
    case binary([UInt8])
    case array(EncodedArray)
    case object(EncodedObject)
    /// The value of an encoder that was handed out and may still be in use.
    case slot(EncodedSlot)
}

/// The elements of an array under construction.
final class EncodedArray {
    var elements: [EncodedValue] = []
}

/// The members of an object under construction, in the order of their first encoding.
final class EncodedObject {
    private(set) var members: [(name: String, value: EncodedValue)] = []
    private var indices: [String: Int] = [:]

    /// The value of a member. A later value replaces an earlier one of the same name, as in JSONEncoder.
    subscript(name: String) -> EncodedValue? {
        get { indices[name].map { members[$0].value } }
        set {
            guard let newValue else { return }
            if let index = indices[name] {
                members[index].value = newValue
            } else {
                indices[name] = members.count
                members.append((name, newValue))
            }
        }
    }
}

/// The place for the value of one encoder.
final class EncodedSlot {
    /// The value, or nil if nothing is encoded yet.
    var value: EncodedValue?
}
