import Testing

@testable import Actors

@Suite("Metrics: values, sums and text")
struct MetricSamplesTests {
    @Test("the text has the help and the kind of each metric once, then its values in order")
    func text() {
        var samples = MetricSamples()
        samples.add(.connections, "websocket", number: 7)
        samples.add(.connections, "polling", number: 12)
        samples.add(.cpuTime, duration: .milliseconds(1500))
        samples.add(.receivedBytes, number: 9_007_199_254_740_993)
        #expect(
            samples.text == """
                # HELP chatd_connections Connected clients (Engine.IO sessions) by transport.
                # TYPE chatd_connections gauge
                chatd_connections{transport="polling"} 12
                chatd_connections{transport="websocket"} 7
                # HELP chatd_cpu_seconds_total CPU time of all processes of the server.
                # TYPE chatd_cpu_seconds_total counter
                chatd_cpu_seconds_total 1.5
                # HELP chatd_received_bytes_total Bytes received from clients.
                # TYPE chatd_received_bytes_total counter
                chatd_received_bytes_total 9007199254740993

                """)
    }

    @Test("the buckets of a histogram are cumulative, and end with all durations")
    func histogramText() {
        var histogram = Histogram()
        for duration in [Duration.milliseconds(1), .milliseconds(2), .seconds(60)] { histogram.observe(duration) }
        var samples = MetricSamples()
        samples.add(.commitTime, histogram)
        let lines = samples.text.split(separator: "\n").dropFirst(2)
        #expect(lines.count == Histogram.bounds.count + 3)
        for line in [
            "chatd_commit_seconds_bucket{le=\"0.0001\"} 0", "chatd_commit_seconds_bucket{le=\"0.001\"} 1",
            "chatd_commit_seconds_bucket{le=\"0.0025\"} 2", "chatd_commit_seconds_bucket{le=\"10\"} 2",
            "chatd_commit_seconds_bucket{le=\"+Inf\"} 3", "chatd_commit_seconds_sum 60.003",
            "chatd_commit_seconds_count 3",
        ] {
            #expect(lines.contains { $0 == line }, "\(line)")
        }
    }

    @Test("backslashes, quotes and line feeds of a label's value are escaped")
    func escaping() {
        var samples = MetricSamples()
        samples.add(.refusals, "a\"b\\c\nd", number: 1)
        #expect(samples.text.contains(#"chatd_refusals_total{reason="a\"b\\c\nd"} 1"#))
    }

    @Test("samples of two processes are added by metric and label")
    func merge() {
        var histogram = Histogram()
        histogram.observe(.seconds(1))
        var one = MetricSamples()
        one.add(.connections, "polling", number: 1)
        one.add(.cpuTime, duration: .milliseconds(100))
        one.add(.commitTime, histogram)
        var two = one
        two.add(.connections, "websocket", number: 5)
        one.merge(two)
        #expect(one.number(.connections, "polling") == 2 && one.number(.connections, "websocket") == 5)
        #expect(one.text.contains("chatd_cpu_seconds_total 0.2\n"))
        #expect(one.text.contains("chatd_commit_seconds_count 2\n"))
        #expect(one.counters.number(.connections, "polling") == nil)
        #expect(one.counters.text.contains("chatd_commit_seconds_count 2\n"))
    }

    @Test("names are in base units: counters end in _total, histograms in _seconds, and no gauge looks like either")
    func names() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        for metric in Metric.all {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.kind != .histogram || metric.name.hasSuffix("_seconds"), "\(metric.name)")
            for suffix in ["_count", "_sum", "_bucket", "_milliseconds", "_ms"] {
                #expect(!metric.name.hasSuffix(suffix), "\(metric.name)")
            }
            #expect(Metric(named: metric.name) == metric && metric.help.hasSuffix("."))
        }
        #expect(Metric(named: "chatd_of_another_version") == nil)
    }
}
