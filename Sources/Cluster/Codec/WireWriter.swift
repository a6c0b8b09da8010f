import Actors
import Transport

/// Encodes values for a link: integers in little-endian order, texts and byte arrays after their length in bytes.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(count)
    }

    /// Appends bytes without their length.
    mutating func append(raw value: [UInt8]) {
        bytes.append(contentsOf: value)
    }

    mutating func append(_ value: UInt8) {
        bytes.append(value)
    }

    mutating func append(_ value: Bool) {
        bytes.append(value ? 1 : 0)
    }

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ value: some Collection<UInt8>) {
        append(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func append(_ text: String) {
        append(text.utf8)
    }

    mutating func append(_ id: SessionID) {
        id.append(to: &bytes)
    }

    mutating func append(_ key: SessionKey) {
        append(key.id)
        append(key.ownerEpoch)
    }

    /// Appends a byte 1 and the value, or a byte 0 for nil.
    mutating func append<Value>(optional value: Value?, _ write: (inout WireWriter, Value) -> Void) {
        append(value != nil)
        if let value { write(&self, value) }
    }

    /// Appends the number of elements, then each element.
    mutating func append<Value>(each values: [Value], _ write: (inout WireWriter, Value) -> Void) {
        append(UInt32(values.count))
        for value in values { write(&self, value) }
    }
}
