/// The text format of Prometheus, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
extension MetricSamples {
    /// The media type of ``text``.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// All values, with the kind and the help of each metric before its first value.
    package var text: String {
        var text = ""
        var last: Metric?
        for (key, value) in sorted {
            let metric = key.metric
            if metric != last {
                text += "# HELP \(metric.name) \(Self.escaped(metric.help))\n"
                text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
                last = metric
            }
            let labels = Array(zip(metric.labels, key.labels))
            switch value {
            case .number(let number): Self.append(metric.name, labels, "\(number)", to: &text)
            case .duration(let duration): Self.append(metric.name, labels, Self.seconds(duration), to: &text)
            case .histogram(let histogram): Self.append(histogram, of: metric.name, labels, to: &text)
            }
        }
        return text
    }

    private static func append(
        _ histogram: Histogram, of name: String, _ labels: [(String, String)], to text: inout String
    ) {
        var total: UInt64 = 0
        for (index, count) in histogram.buckets.enumerated() {
            total += count
            let bound = index < Histogram.bounds.count ? seconds(Histogram.bounds[index]) : "+Inf"
            append("\(name)_bucket", labels + [("le", bound)], "\(total)", to: &text)
        }
        append("\(name)_sum", labels, seconds(histogram.sum), to: &text)
        append("\(name)_count", labels, "\(total)", to: &text)
    }

    private static func append(
        _ name: String, _ labels: [(String, String)], _ value: String, to text: inout String
    ) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0)=\"\(escaped($1, quotes: true))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private static func seconds(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        return Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
    }

    /// Escapes backslashes and line feeds, and in the value of a label also quotes.
    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\"" where quotes: "\\\""
            default: String(scalar)
            }
        }.joined()
    }
}
