import Actors
import Testing

@testable import Cluster

@Suite("Codec: metrics")
struct WireMetricsTests {
    private static func decoded(_ bytes: ArraySlice<UInt8>) throws -> MetricSamples {
        var reader = WireReader(bytes)
        let samples = try reader.metricSamples()
        try reader.finish()
        return samples
    }

    /// One metric with a number.
    private static func metric(_ name: String, labels: [String] = [], _ value: (inout WireWriter) -> Void) -> [UInt8] {
        WireWriter.bytes { writer in
            writer.append(1 as UInt32)
            writer.append(name)
            writer.append(each: labels) { $0.append($1) }
            value(&writer)
        }
    }

    @Test("values of each kind decode to the same values")
    func roundTrip() throws {
        let bytes = WireWriter.bytes { $0.append(CodecSamples.metrics) }
        #expect(try Self.decoded(bytes[...]) == CodecSamples.metrics)
    }

    @Test("metrics truncated at any byte are rejected")
    func truncated() {
        let bytes = WireWriter.bytes { $0.append(CodecSamples.metrics) }
        for count in 0..<bytes.count {
            #expect(throws: CodecError.self) { try Self.decoded(bytes[..<count]) }
        }
    }

    @Test("a metric of another version is ignored")
    func unknown() throws {
        let bytes = Self.metric("chatd_of_another_version", labels: ["a", "b"]) {
            $0.append(tag: WireTag.Sample.number)
            $0.append(7 as Int64)
        }
        #expect(try Self.decoded(bytes[...]) == MetricSamples())
    }

    @Test("a value that does not fit its metric is rejected")
    func misfits() {
        let number: (inout WireWriter) -> Void = {
            $0.append(tag: WireTag.Sample.number)
            $0.append(7 as Int64)
        }
        let duration: (Int64, Int64) -> (inout WireWriter) -> Void = { seconds, attoseconds in
            {
                $0.append(tag: WireTag.Sample.duration)
                $0.append(seconds)
                $0.append(attoseconds)
            }
        }
        let bodies = [
            Self.metric("chatd_sockets", labels: ["x"], number), Self.metric("chatd_connections", number),
            Self.metric("chatd_commit_seconds", number), Self.metric("chatd_cpu_seconds_total", duration(-1, 0)),
            Self.metric("chatd_cpu_seconds_total", duration(0, 1_000_000_000_000_000_000)),
            Self.metric("chatd_cpu_seconds_total", duration(.max, 0)),
            Self.metric("chatd_commit_seconds") { writer in
                writer.append(tag: WireTag.Sample.histogram)
                writer.append(each: [UInt64](repeating: 0, count: 3)) { $0.append($1) }
                writer.append(0 as Int64)
                writer.append(0 as Int64)
            },
        ]
        for (index, body) in bodies.enumerated() {
            #expect(throws: CodecError.badValue, "case \(index)") { try Self.decoded(body[...]) }
        }
    }
}
