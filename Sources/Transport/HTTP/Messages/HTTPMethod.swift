/// A request method (RFC 9110, section 9). Any token is a valid method; methods are case-sensitive.
public struct HTTPMethod: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The token in the request line.
    public let rawValue: String

    /// Makes a method from a token such as `"PROPFIND"`.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The token.
    public var description: String { rawValue }

    /// Reads a resource.
    public static let get = HTTPMethod(rawValue: "GET")
    /// Reads the headers of a resource without its content.
    public static let head = HTTPMethod(rawValue: "HEAD")
    /// Sends content to a resource.
    public static let post = HTTPMethod(rawValue: "POST")
    /// Creates or replaces a resource.
    public static let put = HTTPMethod(rawValue: "PUT")
    /// Changes a part of a resource (RFC 5789).
    public static let patch = HTTPMethod(rawValue: "PATCH")
    /// Removes a resource.
    public static let delete = HTTPMethod(rawValue: "DELETE")
    /// Asks for the allowed methods. Browsers use it before cross-origin requests.
    public static let options = HTTPMethod(rawValue: "OPTIONS")
}
