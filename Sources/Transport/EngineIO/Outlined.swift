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
            // Copies share a box until one of them changes.
            let box = if let box, isKnownUniquelyReferenced(&self.box) { box } else { Box(wrappedValue) }
            self.box = box
            yield &box.value
        }
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
