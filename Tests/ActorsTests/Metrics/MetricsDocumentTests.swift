import Foundation
import Testing

@testable import Actors

@Suite("Metrics: agree with docs/metrics.md")
struct MetricsDocumentTests {
    private let document: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        document = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
    }

    @Test("the tables have a row for each metric, in the same order, and no other row")
    func rows() {
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `chatd_") }.map { String($0) }
        let expected = Metric.all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |"
        }
        #expect(rows == expected)
    }

    @Test("the answers of /readyz are explained", arguments: ["ok", "starting", "draining", "workers", "store"])
    func readiness(word: String) {
        #expect(ServerReadiness(rawValue: word) != nil)
        #expect(document.contains("\n| `\(word)` | "))
    }
}
