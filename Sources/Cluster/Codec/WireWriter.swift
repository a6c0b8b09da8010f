import Actors
import Transport

/// Writes values as they travel on a link: integers little-endian, texts and bytes behind their length.
package struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(count)
    }

    /// Bytes without a length in front of them.
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

    /// A value that may be missing: a byte 0 or 1, and the value.
    mutating func append<Value>(optional value: Value?, _ write: (inout WireWriter, Value) -> Void) {
        append(value != nil)
        if let value { write(&self, value) }
    }

    /// How many there are, and each.
    mutating func append<Value>(each values: [Value], _ write: (inout WireWriter, Value) -> Void) {
        append(UInt32(values.count))
        for value in values { write(&self, value) }
    }
}
