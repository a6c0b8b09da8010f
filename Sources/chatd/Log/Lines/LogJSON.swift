/// JSON texts in the log.
enum LogJSON {
    /// A string of visible characters (RFC 8259 section 7).
    /// - Parameter maxBytes: the size at which a longer string is truncated, in bytes.
    static func string(_ text: String, maxBytes: Int = LogLine.maxBytes) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            guard json.utf8.count < maxBytes else { return json + "…\"" }
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case _ where LogLine.isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}
