import Testing
import Transport

@testable import Cluster

@Suite("Contested claims: two live clients cannot keep taking one session from each other")
struct ContestedClaimsTests {
    let start = ContinuousClock.now
    var contested = ContestedClaims()

    /// Claims one session at these times, in seconds.
    /// - Returns: the verdict on each claim.
    private mutating func verdicts(_ seconds: [Double], of letter: Character = "A") throws -> [ContestedClaims.Verdict]
    {
        let session = try SessionID(letter)
        return seconds.map { contested.claim(session, at: start + .seconds($0)) }
    }

    private static let eight = Array(repeating: ContestedClaims.Verdict.carriedOut, count: 8)

    @Test(
        "the ninth claim within 30 s is refused, and only the first refusal of a contest is reported",
        arguments: [
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [.refused, .refusedAgain]),
            ([0, 1, 2, 3, 4, 5, 6, 7, 29.9], [.refused]),
            ([0, 1, 2, 3, 4, 5, 6, 7, 30], [.carriedOut]),
            ([0, 1, 2, 3, 4, 5, 6, 7, 8, 30, 30.5, 31], [.refused, .carriedOut, .refusedAgain, .carriedOut]),
            ([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40], [.carriedOut, .carriedOut, .carriedOut]),
            ([0, 0, 0, 0, 0, 0, 0, 0, 1, 60, 60, 60, 60, 60, 60, 60, 60, 60], [.refused] + eight + [.refused]),
        ] as [([Double], [ContestedClaims.Verdict])])
    mutating func table(seconds: [Double], further: [ContestedClaims.Verdict]) throws {
        #expect(try verdicts(seconds) == Self.eight + further)
    }

    @Test("each session is counted separately")
    mutating func sessions() throws {
        for letter in "ABC" {
            #expect(try verdicts(Array(repeating: 0, count: 9), of: letter) == Self.eight + [.refused])
        }
    }

    @Test("the number of remembered claims is bounded, and expired claims are forgotten")
    mutating func bounded() throws {
        for _ in 0..<ContestedClaims.maxRemembered + 1000 {
            #expect(contested.claim(SessionID.random(), at: start) == .carriedOut)
        }
        #expect(contested.count == ContestedClaims.maxRemembered)
        #expect(contested.claim(try SessionID("A"), at: start + .seconds(30)) == .carriedOut)
        #expect(contested.count == 1)
    }

    @Test("refused claims use no memory")
    mutating func refused() throws {
        _ = try verdicts(Array(repeating: 0, count: 10_000))
        #expect(contested.count == ContestedClaims.limit)
    }
}
