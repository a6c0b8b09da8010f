/// JSON texts in the log.
enum LogJSON {
    /// A string of visible characters (RFC 8259 section 7). A text is cut like a line of text.
    static func string(_ text: String) -> String {
        var json = "\""
        for scalar in LogLine.cut(text).unicodeScalars {
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
