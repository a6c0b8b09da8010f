@testable import Cluster

/// What a reader returns for bytes that arrive in pieces.
struct RESPReading: Equatable {
    var values: [RESPValue] = []
    var error: RESPError?

    init(_ pieces: [ArraySlice<UInt8>], limits: RESPLimits = RESPLimits()) {
        var reader = RESPReader(limits: limits)
        for piece in pieces {
            do throws(RESPError) {
                try reader.read(piece.span.bytes, into: &values)
            } catch {
                self.error = error
            }
        }
    }

    init(_ bytes: [UInt8], limits: RESPLimits = RESPLimits()) {
        self.init([bytes[...]], limits: limits)
    }

    init(_ text: String, limits: RESPLimits = RESPLimits()) {
        self.init(Array(text.utf8), limits: limits)
    }

    /// Reads the bytes one at a time.
    static func singly(_ bytes: [UInt8], limits: RESPLimits = RESPLimits()) -> RESPReading {
        RESPReading(bytes.indices.map { bytes[$0...$0] }, limits: limits)
    }
}
