import Actors
import Transport

extension MixedValue {
    /// Reads a message in the encoding that its first byte tells: `{` begins an object in JSON, which is no MessagePack
    /// of an object or an array.
    init(message bytes: [UInt8], limits: FormatLimits) throws(FormatError) {
        if bytes.first == UInt8(ascii: "{") {
            try self.init(json: bytes, limits: limits)
        } else {
            try self.init(packed: bytes, limits: limits)
        }
    }

    /// Reads a message in JSON.
    init(json bytes: [UInt8], limits: FormatLimits) throws(FormatError) {
        guard bytes.count <= limits.message else { throw .tooLarge(limit: limits.message) }
        guard UTF8Validator.isValid(bytes) else { throw .invalidText }
        do {
            self.init(try JSONText(validating: bytes))
        } catch {
            throw .invalidJSON(error)
        }
    }

    /// Reads a message in MessagePack.
    init(packed bytes: [UInt8], limits: FormatLimits) throws(FormatError) {
        guard bytes.count <= limits.message else { throw .tooLarge(limit: limits.message) }
        do {
            try self.init(messagePack: bytes)
        } catch {
            throw .invalidMessagePack(error)
        }
    }

    /// Reads a message in MessagePack in base64.
    init(base64 text: [UInt8], limits: FormatLimits) throws(FormatError) {
        guard text.count <= Base64.encodedCount(limits.message) else { throw .tooLarge(limit: limits.message) }
        guard let bytes = Base64.decode(text) else { throw .invalidBase64 }
        try self.init(packed: bytes, limits: limits)
    }

    /// The value as the only argument.
    var argument: EncodedArguments { EncodedArguments(text: Array(json.utf8), attachments: attachments) }
}
