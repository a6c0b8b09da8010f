/// The first byte of a value (RESP protocol specification, "RESP protocol description").
enum RESPKind: UInt8 {
    case array = 0x2A  // *
    case attribute = 0x7C  // |
    case bigNumber = 0x28  // (
    case blobError = 0x21  // !
    case boolean = 0x23  // #
    case bulk = 0x24  // $
    case double = 0x2C  // ,
    case error = 0x2D  // -
    case integer = 0x3A  // :
    case map = 0x25  // %
    case null = 0x5F  // _
    case push = 0x3E  // >
    case set = 0x7E  // ~
    case simple = 0x2B  // +
    case verbatim = 0x3D  // =

    /// True if the announced count is that of pairs.
    var isPaired: Bool { self == .map || self == .attribute }
}
