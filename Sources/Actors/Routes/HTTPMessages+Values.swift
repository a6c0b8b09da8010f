import Transport

extension HTTPResponse {
    /// Makes a response with a value as JSON.
    /// - Parameters:
    ///   - value: The value. Binary data becomes an array of numbers.
    ///   - status: The status.
    ///   - coding: The form of dates, and the encoder's `userInfo`.
    /// - Throws: `EncodingError.invalidValue` if JSON cannot represent the value; any error of its `encode(to:)`.
    public static func json(
        _ value: some Encodable, status: HTTPStatus = .ok, coding: ValueCoding = .standard
    ) throws -> HTTPResponse {
        json(status, Array(try JSONText(encoding: value, coding: coding).utf8))
    }
}

extension HTTPRequest {
    /// Decodes the body, which must be JSON.
    /// - Parameters:
    ///   - type: The type to decode.
    ///   - coding: The form of dates, and the decoder's `userInfo`.
    /// - Throws: ``HTTPRefusal`` with status 400 if the body is not JSON or does not represent a value of the type; any
    ///   other error of its `init(from:)`.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, coding: ValueCoding = .standard
    ) throws -> Value {
        do {
            return try JSONText(validating: body).decode(type, coding: coding)
        } catch let error where error is JSONError || error is DecodingError {
            throw HTTPRefusal(.badRequest, "the body is not the expected JSON")
        }
    }
}
