/// Options that have no effect because of the value of another one.
extension OptionValues {
    /// A line for each option whose value is not the default and has no effect. A file may list the defaults of all
    /// options.
    var unused: [String] {
        let auth = text("auth")
        let reasons: [(reason: String, applies: Bool, options: [String])] = [
            ("with PostgreSQL", DatabaseChoice(text("db")).isPostgres, ["synchronous"]),
            ("without --admin-port", optionalText("admin-port") == nil, ["admin-host"]),
            ("without --backplane", optionalText("backplane") == nil, ["backplane-patience", "backplane-outage"]),
            ("without an address in --auth", auth == "none" || auth == "token", ["auth-timeout", "auth-concurrency"]),
            ("without --auth", auth == "none", ["max-rooms"]),
        ]
        return reasons.filter(\.applies).flatMap { reason, _, options in
            options.filter { !isDefault($0) }.map { "\(source($0).name(of: $0)): this has no effect \(reason)" }
        }
    }
}

extension DatabaseChoice {
    fileprivate var isPostgres: Bool {
        if case .postgres = self { true } else { false }
    }
}
