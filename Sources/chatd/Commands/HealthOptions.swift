import Cluster

/// The options of `chatd health`.
struct HealthOptions {
    let target: HealthCheck.Target
    let timeout: Duration

    static let declarations = [
        CommandOption(
            name: "url", value: "URL", defaultValue: "",
            help: "http://HOST:PORT, http://HOST:PORT/PATH, or unix:PATH. Empty: the address that serve would listen "
                + "on, from --config and the variables of --listen, --host and --port."),
        ConfigurationFile.option,
        CommandOption(
            name: "timeout", value: "MS", defaultValue: "3000",
            help: "Milliseconds in which the server must answer."),
    ]

    init(_ arguments: [String], environment: [String: String]) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        timeout = try values.milliseconds("timeout", in: 1...3_600_000)
        guard let url = values.optionalText("url") else {
            let arguments = ["--config", values.text(ConfigurationFile.option.name)]
            target = try Self.target(of: try ServeOptions(arguments, environment: environment))
            return
        }
        guard let target = HealthCheck.Target(url: url) else {
            throw values.error("url", value: url, "is not http://HOST:PORT, with or without a path, or unix:PATH")
        }
        self.target = target
    }

    /// The address of a server with these options.
    private static func target(of options: ServeOptions) throws(UsageError) -> HealthCheck.Target {
        guard let host = options.host else { return .unixSocket(options.unixSockets[0]) }
        guard options.port > 0 else { throw UsageError(description: "--url is needed, because the port is 0") }
        return .host(["0.0.0.0", "::", "[::]"].contains(host) ? "localhost" : host, port: options.port, path: "/")
    }
}
