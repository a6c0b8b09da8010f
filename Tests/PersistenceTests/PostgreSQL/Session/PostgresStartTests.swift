import Testing

@testable import Persistence

@Suite("PostgreSQL session: start and authentication")
struct PostgresStartTests {
    private typealias Bytes = ServerBytes
    private static let ready = Bytes.accepted + Bytes.key + Bytes.ready()

    @Test("the startup message has the version, the user, the database, the encoding and the settings")
    func startup() {
        let identity = PostgresStateMachine.Identity(
            user: "alice", database: "chat", password: "x", parameters: [("application_name", "chatd")])
        var session = PostgresStateMachine(identity) { StartedSession.random }
        session.start()
        let names = ["user", "alice", "database", "chat", "client_encoding", "UTF8", "application_name", "chatd"]
        let body = [0, 3, 0, 0] + names.flatMap(Bytes.text) + [0]
        #expect(session.takeOutput() == Bytes.int32(Int32(body.count + 4)) + body)
        #expect(session.takeOutput().isEmpty)
        #expect("\(identity)" == "alice@chat")
    }

    @Test("another encoding replaces UTF-8")
    func encoding() {
        let identity = PostgresStateMachine.Identity(
            user: "a", database: "b", parameters: [("client_encoding", "LATIN1")])
        var session = PostgresStateMachine(identity) { StartedSession.random }
        session.start()
        let body = ["user", "a", "database", "b", "client_encoding", "LATIN1"].flatMap(Bytes.text) + [0]
        #expect(Array(session.takeOutput().dropFirst(8)) == body)
    }

    @Test("a server that trusts the client is ready after its key and its settings")
    func trust() throws {
        var session = StartedSession.authenticating()
        #expect(try session.receive(Bytes.accepted).isEmpty)
        #expect(try session.receive(Bytes.setting("server_encoding", "UTF8")).isEmpty)
        #expect(try session.receive(Bytes.setting("server_version", "15.1") + Bytes.key).isEmpty)
        #expect(!session.isIdle)
        #expect(try session.receive(Bytes.ready()) == [.ready(processID: 77, secretKey: -5)])
        #expect(session.isIdle && session.takeOutput().isEmpty)
        #expect(session.parameters == ["server_encoding": "UTF8", "server_version": "15.1"])
    }

    @Test("a server without a key is ready, and notices come before")
    func noKey() throws {
        var session = StartedSession.authenticating()
        let notice = Bytes.error("01000", "WARNING", kind: "N")
        let events = try session.receive(Bytes.accepted + notice + Bytes.ready())
        let expected = StartedSession.error("01000", "WARNING")
        #expect(events == [.notice(expected), .ready(processID: 0, secretKey: 0)])
    }

    @Test("a password is sent in clear text or in the form of md5, as the server asks")
    func passwords() throws {
        var session = StartedSession.authenticating(password: "secret")
        #expect(try session.receive(Bytes.authentication(3)).isEmpty)
        #expect(session.takeOutput() == Bytes.message("p", Bytes.text("secret")))
        #expect(try session.receive(Self.ready) == [.ready(processID: 77, secretKey: -5)])

        session = StartedSession.authenticating(password: "secret")
        #expect(try session.receive(Bytes.authentication(5, [1, 2, 3, 4])).isEmpty)
        #expect(session.takeOutput() == Bytes.message("p", Bytes.text("md598a0412b9c31436fc53776e863350083")))
        #expect(try session.receive(Self.ready) == [.ready(processID: 77, secretKey: -5)])
    }

    // MARK: SCRAM

    private static let mechanisms = Bytes.text("SCRAM-SHA-256-PLUS") + Bytes.text("SCRAM-SHA-256") + [0]
    private static let challenge = Array("r=AAECAwQFBgcICQoLDA0ODxARserver,s=c2FsdCBzYWx0IHNhbHQ=,i=4".utf8)
    private static let signature = Array("v=e+8fU3x4H016gMvBPP1GqgIh/GGsPtMFykZOujTzgew=".utf8)

    /// A session that has answered the challenge, with an empty output.
    private static func challenged() throws -> PostgresStateMachine {
        var session = StartedSession.authenticating(password: "secret")
        _ = try session.receive(Bytes.authentication(10, mechanisms) + Bytes.authentication(11, challenge))
        _ = session.takeOutput()
        return session
    }

    /// The expected bytes come from another implementation.
    @Test("SCRAM proves the password, and the server's signature is checked")
    func scram() throws {
        var session = StartedSession.authenticating(password: "secret")
        #expect(try session.receive(Bytes.authentication(10, Self.mechanisms)).isEmpty)
        let first = Array("n,,n=,r=AAECAwQFBgcICQoLDA0ODxAR".utf8)
        let body = Bytes.text("SCRAM-SHA-256") + Bytes.int32(Int32(first.count)) + first
        #expect(session.takeOutput() == Bytes.message("p", body))
        #expect(try session.receive(Bytes.authentication(11, Self.challenge)).isEmpty)
        let proof =
            "c=biws,r=AAECAwQFBgcICQoLDA0ODxARserver,p=RhgoeQzqeFEpQt2X4Ls/DRLquc4TH3+mbMChfiSt5cM="
        #expect(session.takeOutput() == Bytes.message("p", Array(proof.utf8)))
        let end = Bytes.authentication(12, Self.signature) + Self.ready
        #expect(try session.receive(end) == [.ready(processID: 77, secretKey: -5)])
        #expect(session.takeOutput().isEmpty)
    }

    @Test("a server with another signature, or none, is refused")
    func wrongSignature() throws {
        var wrong = Self.signature
        wrong[3] ^= 1
        let other = Array("e=other-error".utf8)
        let answers = [12, 12, 12, 12].map { $0 as Int32 }
        for (code, data) in zip(answers, [wrong, other, [], Array("v=".utf8)]) {
            var session = try Self.challenged()
            #expect(throws: PostgresProtocolError.serverUnproven) {
                try session.receive(Bytes.authentication(code, data))
            }
            #expect(session.hasEnded)
        }
        var session = try Self.challenged()
        #expect(throws: PostgresProtocolError.serverUnproven) { try session.receive(Bytes.accepted) }
        session = StartedSession.authenticating(password: "secret")
        #expect(throws: PostgresProtocolError.serverUnproven) {
            try session.receive(Bytes.authentication(10, Self.mechanisms) + Bytes.accepted)
        }
    }

    @Test("messages of SCRAM in another order are refused")
    func scramOrder() throws {
        let messages: [[UInt8]] = [
            Bytes.authentication(11, Self.challenge), Bytes.authentication(12, Self.signature),
            Bytes.authentication(10, Self.mechanisms) + Bytes.authentication(12, Self.signature),
            Bytes.authentication(10, Self.mechanisms) + Bytes.authentication(10, Self.mechanisms),
            Bytes.authentication(10, Self.mechanisms) + Bytes.authentication(3),
            Bytes.authentication(3) + Bytes.authentication(3),
        ]
        for message in messages {
            var session = StartedSession.authenticating(password: "secret")
            #expect(throws: PostgresProtocolError.unexpectedMessage("authentication")) { try session.receive(message) }
        }
    }

    // MARK: Refusals

    @Test(
        "other methods of authentication are refused by name",
        arguments: [(2, "Kerberos"), (6, "SCM credentials"), (7, "GSSAPI"), (9, "SSPI"), (99, "number 99")]
            as [(Int32, String)])
    func unsupported(code: Int32, method: String) {
        var session = StartedSession.authenticating(password: "secret")
        let error = #expect(throws: PostgresProtocolError.self) { try session.receive(Bytes.authentication(code)) }
        #expect(error == .unsupportedAuthentication(method))
        #expect(error?.description.contains("(\(method))") == true)
    }

    @Test("SASL without SCRAM-SHA-256 is refused")
    func otherMechanism() {
        var session = StartedSession.authenticating(password: "secret")
        #expect(throws: PostgresProtocolError.unsupportedAuthentication("SASL without SCRAM-SHA-256")) {
            try session.receive(Bytes.authentication(10, Bytes.text("SCRAM-SHA-1") + [0]))
        }
    }

    @Test("a server that asks for a password gets none if none is known", arguments: [nil, ""] as [String?])
    func noPassword(password: String?) {
        for request in [
            Bytes.authentication(3), Bytes.authentication(5, [1, 2, 3, 4]), Bytes.authentication(10, Self.mechanisms),
        ] {
            var session = StartedSession.authenticating(password: password)
            #expect(throws: PostgresProtocolError.passwordMissing) { try session.receive(request) }
            #expect(session.takeOutput().isEmpty)
        }
    }

    @Test("an error before the session is ready refuses it, and later bytes are ignored")
    func refused() throws {
        for prefix in [[], Bytes.accepted, Bytes.accepted + Bytes.key] {
            var session = StartedSession.authenticating()
            let events = try session.receive(prefix + Bytes.error("28000", "FATAL") + [1, 2, 3, 4, 5, 6])
            #expect(events == [.refused(StartedSession.error("28000", "FATAL"))])
            #expect(session.hasEnded && !session.isIdle)
            #expect(try session.receive([0, 0, 0, 0, 0, 0]).isEmpty)
        }
    }

    @Test("Terminate is sent only after authentication")
    func terminate() throws {
        var session = StartedSession.authenticating()
        session.terminate()
        #expect(session.takeOutput().isEmpty && session.hasEnded)
        session = try StartedSession.ready()
        session.terminate()
        #expect(session.takeOutput() == [UInt8(ascii: "X"), 0, 0, 0, 4])
        #expect(try session.receive(Bytes.ready()).isEmpty)
    }

    @Test("a cancel request has its code and the key")
    func cancel() {
        let bytes = PostgresStateMachine.cancelRequest(processID: 1, secretKey: -1)
        #expect(bytes == [0, 0, 0, 16, 0x04, 0xD2, 0x16, 0x2E, 0, 0, 0, 1, 255, 255, 255, 255])
    }
}
