extension RedisStateMachine {
    /// How to start a session.
    package struct Identity: Equatable, Sendable {
        /// The user; nil for the server's default user.
        package let user: String?
        package let password: String?
        /// The number of the database. A message is published in all databases.
        package let database: Int
        /// The name in the server's list of clients, of printable ASCII characters without spaces.
        package let clientName: String?
        /// The newest version of the protocol to use.
        package let protocolVersion: RedisProtocolVersion

        package init(
            user: String? = nil, password: String? = nil, database: Int = 0, clientName: String? = nil,
            protocolVersion: RedisProtocolVersion = .resp3
        ) {
            self.user = user
            self.password = password
            self.database = database
            self.clientName = clientName
            self.protocolVersion = protocolVersion
        }
    }
}

extension RedisStateMachine.Identity: CustomStringConvertible {
    /// The user and the database, without the password.
    package var description: String { "\(user ?? "default")@\(database)" }
}
