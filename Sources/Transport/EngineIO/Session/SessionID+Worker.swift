/// The number of a worker's process among all processes of a server's workers. No number is used twice.
package struct WorkerNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of bits: those of four characters of a session id.
    private static let bits: UInt32 = 24

    /// The number, from 0 to 16 777 215.
    package let value: UInt32

    /// Makes the number of the `count`-th process. Counting starts again after 16 777 215 processes.
    package init(_ count: some BinaryInteger) {
        value = UInt32(truncatingIfNeeded: count) & (1 << Self.bits - 1)
    }

    package static func < (left: WorkerNumber, right: WorkerNumber) -> Bool {
        left.value < right.value
    }

    package var description: String { "\(value)" }
}

/// The ids of sessions on workers that share a port. Their first four characters are the number of the worker, so that
/// every worker knows where a request belongs. The other 16 characters are random.
extension SessionID {
    /// Makes an unpredictable id of a session on a worker, from 96 bits of `generator`.
    init(on worker: WorkerNumber, using generator: inout some RandomNumberGenerator) {
        self = SessionID(using: &generator).moved(to: worker)
    }

    /// The same id, but with the number of a worker at its beginning.
    func moved(to worker: WorkerNumber) -> SessionID {
        var characters: UInt64 = 0
        for shift: UInt32 in [18, 12, 6, 0] {
            characters = characters << 8 | UInt64(Self.character(worker.value >> shift & 63))
        }
        return SessionID(firstCharacters: characters << 32 | first & 0xFFFF_FFFF, of: self)
    }

    /// The number of the worker, if the id has one.
    package var worker: WorkerNumber {
        var value: UInt32 = 0
        for shift: UInt64 in [56, 48, 40, 32] {
            value = value << 6 | Self.digit(UInt8(truncatingIfNeeded: first >> shift))
        }
        return WorkerNumber(value)
    }
}
