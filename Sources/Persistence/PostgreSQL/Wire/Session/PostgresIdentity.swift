extension PostgresStateMachine {
    /// The first message's contents, and the password.
    package struct Identity: Sendable {
        package let user: String
        package let database: String
        package let password: String?
        /// Settings of the session, such as `application_name` or `options`. The client's encoding is UTF-8 unless one
        /// of them says otherwise.
        package let parameters: [(name: String, value: String)]

        /// The texts have no zero bytes.
        package init(
            user: String, database: String, password: String? = nil, parameters: [(name: String, value: String)] = []
        ) {
            self.user = user
            self.database = database
            self.password = password
            self.parameters = parameters
        }
    }
}

extension PostgresStateMachine.Identity: CustomStringConvertible {
    /// The user and the database, without the password.
    package var description: String { "\(user)@\(database)" }
}
