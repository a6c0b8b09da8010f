import Testing

@testable import Cluster

@Suite("Redis values: survive arbitrary bytes", .timeLimit(.minutes(1)))
struct RESPFuzzTests {
    @Test("random values are found again in any pieces", arguments: 1...4 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) {
        var generator = RESPGenerator(seed: seed)
        for _ in 0..<300 {
            var values: [RESPValue] = []
            var stream: [UInt8] = []
            for _ in 0..<generator.number(in: 1...3) {
                let value = generator.value()
                var pushes: [RESPValue]? = []
                stream += generator.encode(value, pushes: &pushes)
                values += (pushes ?? []) + [value]
            }
            let whole = RESPReading(stream)
            #expect(whole.values == values && whole.error == nil)
            #expect(RESPReading.singly(stream) == whole)
            let cut = generator.number(in: 0...stream.count)
            #expect(RESPReading([stream[..<cut], stream[cut...]]) == whole)
        }
    }

    @Test("a value that is cut at any byte is not complete")
    func incomplete() {
        var generator = RESPGenerator(seed: 9)
        for _ in 0..<100 {
            var none: [RESPValue]?
            let value = generator.value()
            let stream = generator.encode(value, pushes: &none)
            for index in stream.indices {
                #expect(RESPReading([stream[..<index]]) == RESPReading([UInt8]()))
                #expect(RESPReading([stream[..<index], stream[index...]]).values == [value])
            }
        }
    }

    @Test(
        "mutated values give the same values and the same error in any pieces", arguments: 1...4 as ClosedRange<UInt64>)
    func mutated(seed: UInt64) {
        var generator = RESPGenerator(seed: seed)
        var limits = RESPLimits()
        (limits.depth, limits.elements, limits.line, limits.value) = (5, 40, 60, 300)
        var failures = 0
        for _ in 0..<800 {
            var pushes: [RESPValue]? = []
            let valid = (0..<3).flatMap { _ in generator.encode(generator.value(), pushes: &pushes) }
            let stream = generator.mutate(valid)
            let whole = RESPReading(stream, limits: limits)
            failures += whole.error == nil ? 0 : 1
            let singly = RESPReading.singly(stream, limits: limits)
            // Two doubles that are no numbers are not equal.
            #expect(singly == whole || "\(singly)" == "\(whole)")
        }
        #expect(failures > 100)
    }

    @Test("random bytes do not trap", arguments: 1...4 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var generator = RESPGenerator(seed: seed)
        let signs = Array("*|(!#$,-:%_>~+=".utf8)
        for round in 0..<3000 {
            let stream = [signs[round % signs.count]] + generator.bytes(0...30)
            let (singly, whole) = (RESPReading.singly(stream), RESPReading(stream))
            #expect(singly == whole || "\(singly)" == "\(whole)")
        }
    }
}
