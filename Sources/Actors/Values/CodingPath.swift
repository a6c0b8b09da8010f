/// The keys from the outermost value to the current one.
///
/// It is a linked list, so that adding a key costs the same at any depth. `Codable` asks for the array of keys only
/// after an error.
indirect enum CodingPath {
    case root
    case member(any CodingKey, of: CodingPath)
    case element(Int, of: CodingPath)

    var keys: [any CodingKey] {
        var keys: [any CodingKey] = []
        var rest = self
        while true {
            switch rest {
            case .root:
                return keys.reversed()
            case .member(let key, of: let parent):
                keys.append(key)
                rest = parent
            case .element(let index, of: let parent):
                keys.append(ValueKey(index: index))
                rest = parent
            }
        }
    }
}

/// The name of an object's member, or the index of an array's element.
struct ValueKey: CodingKey {
    /// The key under which a class encodes its superclass.
    static let superclass = ValueKey(stringValue: "super")

    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    init(intValue: Int) {
        self.init(index: intValue)
    }
}
