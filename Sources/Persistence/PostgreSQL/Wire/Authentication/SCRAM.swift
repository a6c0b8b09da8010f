import Transport

/// The client's side of SCRAM-SHA-256 (RFC 5802 and RFC 7677), without channel binding.
///
/// The password is used as it is. SASLprep (RFC 4013) leaves printable ASCII unchanged. It would also normalise other
/// characters (NFKC), for which there is no table here; a password with such characters works if it is entered in the
/// normal form, as keyboards mostly do.
struct SCRAM {
    static let mechanism = "SCRAM-SHA-256"
    /// The iteration counts that are accepted. A small one would help a hostile server to guess the password, and a
    /// large one would keep this process busy: a million take about a second. PostgreSQL's default is 4096.
    static let acceptedIterations = 4...1_000_000

    private let password: [UInt8]
    private let nonce: [UInt8]
    private let clientFirstBare: [UInt8]
    /// The signature that the server's last message must have; nil before its challenge.
    private var serverSignature: [UInt8]?

    /// - Parameters:
    ///   - user: the name for the first message. PostgreSQL ignores it and uses that of the startup message.
    ///   - password: the password in UTF-8.
    ///   - nonce: random printable characters other than the comma.
    init(user: String, password: String, nonce: [UInt8]) {
        self.password = Array(password.utf8)
        self.nonce = nonce
        clientFirstBare = Array("n=".utf8) + Self.escaped(user) + Array(",r=".utf8) + nonce
    }

    /// The first message: no channel binding, no other authorization identity, the user and the nonce.
    var clientFirst: [UInt8] { Array("n,,".utf8) + clientFirstBare }

    /// Answers the server's challenge with the proof that the client knows the password.
    mutating func clientFinal(answering serverFirst: [UInt8]) throws(PostgresProtocolError) -> [UInt8] {
        let challenge = try challenge(serverFirst)
        let withoutProof = Array("c=biws,r=".utf8) + challenge.nonce
        let comma = [UInt8(ascii: ",")]
        let exchange = clientFirstBare + comma + serverFirst + comma + withoutProof
        let salted = HMACSHA256.stretch(password, salt: challenge.salt, iterations: challenge.iterations)
        let clientKey = HMACSHA256(key: salted).code(of: Array("Client Key".utf8))
        let clientSignature = HMACSHA256(key: SHA256.digest(clientKey)).code(of: exchange)
        let serverKey = HMACSHA256(key: salted).code(of: Array("Server Key".utf8))
        serverSignature = HMACSHA256(key: serverKey).code(of: exchange)
        let proof = zip(clientKey, clientSignature).map { $0 ^ $1 }
        return withoutProof + Array(",p=".utf8) + Base64.encode(proof)
    }

    /// Checks the server's last message, with which it proves that it knows the password too.
    func verify(_ serverFinal: [UInt8]) throws(PostgresProtocolError) {
        guard let serverSignature else { throw .serverUnproven }
        // Extensions may follow the signature.
        let attribute = serverFinal.prefix { $0 != UInt8(ascii: ",") }
        guard attribute.starts(with: "v=".utf8), let signature = Base64.decode(Array(attribute.dropFirst(2))),
            signature == serverSignature
        else { throw .serverUnproven }
    }

    private struct Challenge {
        let nonce: [UInt8]
        let salt: [UInt8]
        let iterations: Int
    }

    /// Parses `r=NONCE,s=SALT,i=ITERATIONS`, after which extensions may follow (RFC 5802, section 7).
    private func challenge(_ message: [UInt8]) throws(PostgresProtocolError) -> Challenge {
        let attributes = message.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard attributes.count >= 3, let full = Self.value("r", attributes[0]),
            let encodedSalt = Self.value("s", attributes[1]), let digits = Self.value("i", attributes[2])
        else { throw .badChallenge("it does not consist of a nonce, a salt and a count") }
        guard full.count > nonce.count, full.starts(with: nonce) else {
            throw .badChallenge("its nonce does not continue the client's")
        }
        guard let salt = Base64.decode(encodedSalt), !salt.isEmpty else {
            throw .badChallenge("its salt is not in Base64")
        }
        let isNumber = 1...7 ~= digits.count && digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        let iterations = isNumber ? digits.reduce(0) { 10 * $0 + Int($1 - UInt8(ascii: "0")) } : 0
        guard Self.acceptedIterations.contains(iterations) else {
            let limits = Self.acceptedIterations
            throw .badChallenge("its count of iterations is not from \(limits.lowerBound) to \(limits.upperBound)")
        }
        return Challenge(nonce: full, salt: salt, iterations: iterations)
    }

    /// The value of an attribute, if it has this name.
    private static func value(_ name: String, _ attribute: ArraySlice<UInt8>) -> [UInt8]? {
        attribute.starts(with: "\(name)=".utf8) ? Array(attribute.dropFirst(2)) : nil
    }

    /// A name in which commas and equals signs are escaped (RFC 5802, section 5.1).
    private static func escaped(_ name: String) -> [UInt8] {
        name.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: ","): Array("=2C".utf8)
            case UInt8(ascii: "="): Array("=3D".utf8)
            default: [byte]
            }
        }
    }
}
