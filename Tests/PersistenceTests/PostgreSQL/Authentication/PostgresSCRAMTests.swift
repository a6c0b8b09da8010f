import Testing

@testable import Persistence

@Suite("SCRAM-SHA-256: the client's side")
struct PostgresSCRAMTests {
    private static let nonce = "rOprNGfwEbeRWgbNEkqO"
    private static let salt = "W22ZaJ0SNY7soEsUEjb6gQ=="

    private static func client(user: String = "user", password: String = "pencil") -> SCRAM {
        SCRAM(user: user, password: password, nonce: Array(nonce.utf8))
    }

    @Test("the example of RFC 7677, section 3, is reproduced")
    func example() throws {
        var scram = Self.client()
        let full = Self.nonce + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        #expect(scram.clientFirst == Array("n,,n=user,r=\(Self.nonce)".utf8))
        let final = try scram.clientFinal(answering: Array("r=\(full),s=\(Self.salt),i=4096".utf8))
        let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        #expect(String(decoding: final, as: UTF8.self) == "c=biws,r=\(full),p=\(proof)")
        let signature = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        try scram.verify(Array(signature.utf8))
        try scram.verify(Array("\(signature),x=y".utf8))
        for wrong in ["", "v=", "v=AAAA", "e=invalid-proof", "x=y,\(signature)", "v=!", String(signature.dropLast(8))] {
            #expect(throws: PostgresProtocolError.serverUnproven) { try scram.verify(Array(wrong.utf8)) }
        }
    }

    @Test("a signature before the challenge proves nothing")
    func early() {
        #expect(throws: PostgresProtocolError.serverUnproven) { try Self.client().verify(Array("v=".utf8)) }
    }

    /// The expected proof comes from another implementation.
    @Test("a password that is not ASCII is used as UTF-8")
    func utf8() throws {
        var scram = SCRAM(user: "", password: "p\u{E4}ss", nonce: Array("AAECAwQFBgcICQoLDA0ODxAR".utf8))
        let final = try scram.clientFinal(answering: Array("r=AAECAwQFBgcICQoLDA0ODxARx,s=AQI=,i=4".utf8))
        let text = String(decoding: final, as: UTF8.self)
        #expect(text.hasSuffix(",p=VygHpiQaJykyc1OGtHfX/t+nz4WQamXINZ+1M1CMbNU="))
        try scram.verify(Array("v=ttKDRtMbYUtpULQGbaKhx9PhOPIMK4RfoQ7KOWqtaP0=".utf8))
    }

    @Test("commas and equals signs in a name are escaped")
    func name() {
        #expect(Self.client(user: "a,b=c").clientFirst == Array("n,,n=a=2Cb=3Dc,r=\(Self.nonce)".utf8))
    }

    @Test(
        "a challenge of another form is refused",
        arguments: [
            "", ",,", "r=,s=,i=", "m=x,r=NONCEx,s=SALT,i=4", "s=SALT,r=NONCEx,i=4", "r=NONCEx,s=SALT",
            "r=NONCEx,i=4,s=SALT",
            "r=NONCE,s=SALT,i=4", "r=otherNONCE,s=SALT,i=4", "r=NONCEx,s=,i=4", "r=NONCEx,s=!,i=4",
            "r=NONCEx,s=SALT,i=", "r=NONCEx,s=SALT,i=3", "r=NONCEx,s=SALT,i=-4", "r=NONCEx,s=SALT,i=+4",
            "r=NONCEx,s=SALT,i=4x", "r=NONCEx,s=SALT,i=1000001", "r=NONCEx,s=SALT,i=99999999999999999999",
            "r=NONCEx,s=SALT,i=0", "R=NONCEx,s=SALT,i=4",
        ])
    func challenge(text: String) {
        let challenge = text.replacing("NONCE", with: Self.nonce).replacing("SALT", with: Self.salt)
        var scram = Self.client()
        let error = #expect(throws: PostgresProtocolError.self) {
            try scram.clientFinal(answering: Array(challenge.utf8))
        }
        guard case .badChallenge = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
