import Actors

extension WireWriter {
    mutating func append(_ samples: MetricSamples) {
        append(each: samples.sorted) { writer, sample in
            writer.append(sample.key.metric.name)
            writer.append(each: sample.key.labels) { $0.append($1) }
            switch sample.value {
            case .number(let number):
                writer.append(tag: WireTag.Sample.number)
                writer.append(Int64(number))
            case .duration(let duration):
                writer.append(tag: WireTag.Sample.duration)
                writer.append(duration)
            case .histogram(let histogram):
                writer.append(tag: WireTag.Sample.histogram)
                writer.append(each: histogram.buckets) { $0.append($1) }
                writer.append(histogram.sum)
            }
        }
    }

    mutating func append(_ duration: Duration) {
        append(duration.components.seconds)
        append(duration.components.attoseconds)
    }
}

extension WireReader {
    /// The size of the smallest sample in bytes: two counts, a tag and a number.
    private static let minSampleSize = 2 * lengthSize + 1 + MemoryLayout<Int64>.size
    private static let attosecondsOfSecond: Int64 = 1_000_000_000_000_000_000
    private static let bucketSize = MemoryLayout<UInt64>.size

    /// Ignores metrics that this version does not have.
    /// - Throws: ``CodecError/badValue`` for a value that does not fit its metric.
    mutating func metricSamples() throws(CodecError) -> MetricSamples {
        var samples = MetricSamples()
        let all = try each(ofAtLeast: Self.minSampleSize) { reader throws(CodecError) in
            (
                name: try reader.text(), labels: try reader.each(ofAtLeast: Self.lengthSize, Self.string),
                value: try reader.sampleValue()
            )
        }
        for (name, labels, value) in all {
            guard let metric = Metric(named: name) else { continue }
            guard labels.count == metric.labels.count, value.isHistogram == (metric.kind == .histogram) else {
                throw .badValue
            }
            samples.add(value, to: MetricSamples.Key(metric: metric, labels: labels))
        }
        return samples
    }

    private mutating func sampleValue() throws(CodecError) -> MetricSamples.Value {
        switch try tag(WireTag.Sample.self) {
        case .number:
            return .number(Int(try integer(Int64.self)))
        case .duration:
            return .duration(try duration())
        case .histogram:
            let buckets = try each(ofAtLeast: Self.bucketSize) { reader throws(CodecError) in
                try reader.integer(UInt64.self)
            }
            guard let histogram = Histogram(buckets: buckets, sum: try duration()) else { throw .badValue }
            return .histogram(histogram)
        }
    }

    mutating func duration() throws(CodecError) -> Duration {
        let (seconds, attoseconds) = (try integer(Int64.self), try integer(Int64.self))
        // The limit lets durations of many workers be added.
        guard (0...Int64(UInt32.max) << 16).contains(seconds), (0..<Self.attosecondsOfSecond).contains(attoseconds)
        else { throw .badValue }
        return Duration(secondsComponent: seconds, attosecondsComponent: attoseconds)
    }
}

extension MetricSamples.Value {
    fileprivate var isHistogram: Bool {
        if case .histogram = self { true } else { false }
    }
}
