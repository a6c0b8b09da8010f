extension PostgresStatement {
    /// Makes the first statement of a session, which sets the session's settings. They are not in the startup message,
    /// because a pool such as PgBouncer refuses to start a session with settings that it does not know.
    /// - Parameters:
    ///   - settings: the names and values.
    ///   - columns: what the statement selects, in SQL without parameters. One more column follows it in the result.
    ///   - source: what follows the columns, such as a FROM clause.
    package static func beginning(
        setting settings: [(name: String, value: String)], selecting columns: String, _ source: String = ""
    ) -> PostgresStatement {
        let sql = """
            SELECT \(columns), (
                SELECT count(set_config(s.name, s.value, false)) FROM unnest($1::text[], $2::text[]) AS s (name, value))
            \(source)
            """
        let texts = [settings.map(\.name), settings.map(\.value)]
        return PostgresStatement(sql, parameters: texts.map { PostgresArray.encode($0.map { Array($0.utf8) }) })
    }
}
