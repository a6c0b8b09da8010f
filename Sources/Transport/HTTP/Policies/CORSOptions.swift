/// The contents of the CORS headers for the pages that an ``OriginPolicy`` other than ``OriginPolicy/sameHost`` allows
/// (Fetch standard, "CORS protocol"). Pages of the server's own host need none.
public struct CORSOptions: Sendable, Equatable {
    /// The options of a server that sets none.
    public static let standard = CORSOptions()

    private let credentials: Bool?
    private let methods: String
    private let allowedHeaders: String?
    private let exposedHeaders: String?
    private let maxAge: String?
    let preflightStatus: HTTPStatus

    private init() {
        credentials = nil
        methods = "GET,HEAD,PUT,PATCH,POST,DELETE"
        allowedHeaders = nil
        exposedHeaders = nil
        maxAge = nil
        preflightStatus = .noContent
    }

    /// Makes options.
    /// - Parameters:
    ///   - credentials: true if pages may send cookies and other credentials; nil for yes, except with
    ///     ``OriginPolicy/any``. True with ``OriginPolicy/any`` lets every page act with its visitor's cookies.
    ///   - methods: the methods of `Access-Control-Allow-Methods`.
    ///   - allowedHeaders: the request headers that pages may set; nil for those that the preflight request names.
    ///   - exposedHeaders: the headers of answers that pages may read.
    ///   - maxAge: the time that browsers may keep the answer to a preflight request; nil for the browser's default.
    ///   - preflightStatus: the status of that answer.
    /// - Throws: ``HTTPFields/FieldError`` if a method or the name of a header is not a token, or `preflightStatus` is
    ///   not a success.
    public init(
        credentials: Bool? = nil, methods: [HTTPMethod] = [.get, .head, .put, .patch, .post, .delete],
        allowedHeaders: [String]? = nil, exposedHeaders: [String] = [], maxAge: Duration? = nil,
        preflightStatus: HTTPStatus = .noContent
    ) throws(HTTPFields.FieldError) {
        for name in methods.map(\.rawValue) + (allowedHeaders ?? []) + exposedHeaders {
            try HTTPFields.check(name: name)
        }
        guard 200...299 ~= preflightStatus.code else {
            throw HTTPFields.FieldError(description: "browsers take status \(preflightStatus.code) for a refusal")
        }
        self.credentials = credentials
        self.methods = methods.map(\.rawValue).joined(separator: ",")
        self.allowedHeaders = allowedHeaders?.joined(separator: ",")
        self.exposedHeaders = exposedHeaders.isEmpty ? nil : exposedHeaders.joined(separator: ",")
        self.maxAge = maxAge.map { String($0.components.seconds) }
        self.preflightStatus = preflightStatus
    }

    /// The headers of every answer to a page that may use the server.
    /// - Parameters:
    ///   - origin: the page's origin as its browser sent it; nil if the request has none.
    ///   - isAny: true if every page may use the server.
    func headers(origin: String?, isAny: Bool) -> [(String, String)] {
        let allowsCredentials = credentials ?? !isAny
        var headers: [(String, String)] = []
        // Browsers do not accept `*` together with credentials.
        if isAny, !allowsCredentials {
            headers.append(("Access-Control-Allow-Origin", "*"))
        } else if let origin {
            headers.append(("Access-Control-Allow-Origin", origin))
            if allowsCredentials { headers.append(("Access-Control-Allow-Credentials", "true")) }
        }
        if let exposedHeaders { headers.append(("Access-Control-Expose-Headers", exposedHeaders)) }
        if !isAny || allowsCredentials { headers.append(("Vary", "Origin")) }
        return headers
    }

    /// The additional headers of the answer to a preflight request.
    /// - Parameter requested: the headers that the page wants to send; nil if one is not the name of a header.
    func preflightHeaders(requested: [String]?) -> [(String, String)] {
        var headers = [("Access-Control-Allow-Methods", methods)]
        if let allowedHeaders {
            headers.append(("Access-Control-Allow-Headers", allowedHeaders))
        } else if let requested, !requested.isEmpty {
            headers.append(("Access-Control-Allow-Headers", requested.joined(separator: ",")))
        }
        if let maxAge { headers.append(("Access-Control-Max-Age", maxAge)) }
        return headers
    }
}
