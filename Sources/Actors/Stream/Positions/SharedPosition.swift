/// A position in the order of all hubs that read one stream of a broker: the id of the stream's last entry, and the
/// number of things that a hub has ordered by itself after it.
///
/// In a position, the id of an entry has 58 bits, so that positions of all hubs can be compared:
///
///     +-------------------+---------------+------------+
///     | milliseconds (42) | sequence (16) | number (6) |
///     +-------------------+---------------+------------+
///
/// A position with the number 0 is an entry, and means the same at every hub. Another one means something at its hub
/// only.
package struct SharedPosition: Sendable, Equatable {
    private static let sequenceBits = 16
    private static let numberBits = 6

    /// The highest number. No further place follows it before the next entry, so a session cannot be recovered from it.
    package static let lastNumber: UInt64 = (1 << numberBits) - 1

    /// The position as a number that grows in the order.
    package let value: UInt64

    /// A position of ``value``.
    package init(_ value: UInt64) {
        self.value = value
    }

    /// The position of an entry; nil if its id does not fit.
    /// - Parameters:
    ///   - milliseconds: the first part of the id.
    ///   - sequence: the second part of the id.
    package init?(milliseconds: UInt64, sequence: UInt64) {
        guard milliseconds < 1 << (64 - Self.sequenceBits - Self.numberBits), sequence < 1 << Self.sequenceBits else {
            return nil
        }
        value = milliseconds << (Self.sequenceBits + Self.numberBits) | sequence << Self.numberBits
    }

    /// The first part of the entry's id.
    package var milliseconds: UInt64 { value >> (Self.sequenceBits + Self.numberBits) }
    /// The second part of the entry's id.
    package var sequence: UInt64 { value >> Self.numberBits & (1 << Self.sequenceBits - 1) }
    /// The number of the place after the entry; 0 for the entry itself.
    package var number: UInt64 { value & Self.lastNumber }

    /// True for the position of an entry.
    package var isEntry: Bool { number == 0 }
    /// The position of the entry before this place, or of the entry itself.
    package var entry: SharedPosition { SharedPosition(value - number) }
    /// True if no further place follows before the next entry.
    package var isLast: Bool { number == Self.lastNumber }
    /// The next place before the next entry; the last one again if there is none.
    package var next: SharedPosition { isLast ? self : SharedPosition(value + 1) }
}
