/// A value in memory of its own, which it takes when it first changes. For state that most objects never have, such as
/// that of polling in the many sessions that only use a WebSocket.
@propertyWrapper
struct Outlined<Value: InitiallyEmpty> {
    private final class Box {
        var value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    private var box: Box?

    var wrappedValue: Value {
        get { box?.value ?? Value() }
        _modify {
            yield &ownBox().value
        }
    }

    /// The box of this value alone. Copies share a box until one of them changes.
    private mutating func ownBox() -> Box {
        // Asked first, because the constant is a second reference.
        if isKnownUniquelyReferenced(&box), let box { return box }
        let new = Box(wrappedValue)
        box = new
        return new
    }

    /// Returns to the initial value and releases the memory.
    mutating func reset() {
        box = nil
    }
}

/// A type with an initial value.
protocol InitiallyEmpty {
    init()
}
