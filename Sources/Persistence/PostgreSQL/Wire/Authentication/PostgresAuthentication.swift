import Transport

/// Answers the server's requests for authentication (PostgreSQL protocol, 55.2.1 and 55.3).
struct PostgresAuthentication {
    /// A message of authentication (55.7), told apart by its first number.
    enum Request: Equatable {
        case accepted
        case cleartextPassword
        case md5Password(salt: [UInt8])
        case sasl(mechanisms: [String])
        case saslContinue([UInt8])
        case saslFinal([UInt8])
        /// A method that is not available here.
        case unsupported(String)
    }

    private enum Step {
        case first
        /// The password was sent, or the server has proved that it knows the password.
        case answered
        case challenge
        case signature
        case done
    }

    private let user: String
    private let password: String?
    private let nonce: [UInt8]
    private var scram: SCRAM?
    private var step = Step.first

    /// - Parameter random: at least 16 random bytes.
    init(user: String, password: String?, random: [UInt8]) {
        precondition(random.count >= 16, "a nonce of fewer than 16 bytes can be guessed")
        self.user = user
        self.password = password
        nonce = Base64.encode(random)
    }

    /// True if the server has accepted the client.
    var isDone: Bool { step == .done }

    /// Returns the answer to a request; nil if none is due.
    mutating func answer(_ request: Request) throws(PostgresProtocolError) -> [UInt8]? {
        switch (request, step) {
        case (.accepted, .first), (.accepted, .answered):
            step = .done
            return nil
        case (.accepted, .challenge), (.accepted, .signature):
            throw .serverUnproven
        case (.unsupported(let method), .first):
            throw .unsupportedAuthentication(method)
        case (.cleartextPassword, .first):
            step = .answered
            return PostgresWriter.password(try requiredPassword())
        case (.md5Password(let salt), .first):
            step = .answered
            let secret = MD5.hexadecimal(Array(try requiredPassword().utf8) + Array(user.utf8))
            let digest = MD5.hexadecimal(secret + salt)
            return PostgresWriter.password("md5" + String(decoding: digest, as: UTF8.self))
        case (.sasl(let mechanisms), .first):
            guard mechanisms.contains(SCRAM.mechanism) else {
                throw .unsupportedAuthentication("SASL without \(SCRAM.mechanism)")
            }
            let scram = SCRAM(user: "", password: try requiredPassword(), nonce: nonce)
            self.scram = scram
            step = .challenge
            return PostgresWriter.saslInitialResponse(mechanism: SCRAM.mechanism, scram.clientFirst)
        case (.saslContinue(let message), .challenge):
            step = .signature
            let response = try scram?.clientFinal(answering: message)
            return response.map(PostgresWriter.saslResponse)
        case (.saslFinal(let message), .signature):
            try scram?.verify(message)
            step = .answered
            return nil
        default:
            throw .unexpectedMessage("authentication")
        }
    }

    private func requiredPassword() throws(PostgresProtocolError) -> String {
        guard let password, !password.isEmpty else { throw .passwordMissing }
        return password
    }
}
