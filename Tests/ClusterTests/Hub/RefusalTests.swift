import Actors
import Testing

@Suite("Refusals of requests that an adapter does not support")
struct RefusalTests {
    @Test("a refusal returns the credit that the request used, and ends what waits for its answer", arguments: 0..<8)
    func refusals(seed: Int) throws {
        var generator = CodecGenerator(seed: UInt64(seed))
        for _ in 0..<500 {
            let request = try generator.hubRequest()
            let refusal = request.refusal
            #expect(refusal.reduce(0) { $0 + Self.credit(of: $1) } == request.cost)
            #expect(refusal.isEmpty != Self.isAnswered(request))
            if case .inquire(let inquiry, _) = request {
                let end = refusal.contains { event in
                    if case .answered(let report) = event {
                        report.number == inquiry.number && report.state == .incomplete
                    } else {
                        false
                    }
                }
                #expect(end)
            }
        }
    }

    /// True for a request whose sender waits for an event, or uses credit.
    private static func isAnswered(_ request: HubRequest) -> Bool {
        switch request {
        case .claim, .setData, .emit, .store, .subscribe, .change, .countWorkers, .fetch, .inquire, .emitToServers: true
        case .register, .unregister, .join, .leave, .dismiss, .answer, .open, .reportUse: false
        }
    }

    private static func credit(of event: HubEvent) -> Int {
        switch event {
        case .emitted(_, let credit), .stored(_, _, let credit), .carriedOut(_, let credit),
            .fetched(_, _, _, let credit):
            credit
        default: 0
        }
    }
}
