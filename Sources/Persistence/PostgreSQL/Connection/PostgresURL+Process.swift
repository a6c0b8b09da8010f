extension PostgresURL {
    /// Parses an URL whose missing parts come from the environment and the user of this process.
    package init(ofProcess text: String) throws(PostgresURLError) {
        try self.init(
            text, environment: SystemUser.environment(["PGUSER", "PGPASSWORD", "PGPASSFILE"]),
            loginName: SystemUser.name)
    }
}
