import Testing

@testable import chatd

@Suite("Environment: options, and other variables with the same prefix")
struct EnvironmentVariablesTests {
    static let known: Set = ["CHATD_PORT", "CHATD_DB", "CHATD_PORTS", "PORT"]

    @Test("known variables are used, and variables without the prefix are ignored silently")
    func known() {
        let all = [
            "CHATD_PORT": "1", "PORT": "2", "CHATD_DB": "a=b", "HOME": "/root", "CHATD": "/bin/chatd", "XCHATD_A": "",
        ]
        let variables = EnvironmentVariables(all, known: Self.known)
        #expect(variables.values == ["CHATD_PORT": "1", "PORT": "2", "CHATD_DB": "a=b"])
        #expect(variables.notes.isEmpty)
    }

    @Test("variables that Kubernetes sets for a Service called chatd are ignored, with one note")
    func service() {
        let all = [
            "CHATD_PORT": "tcp://10.0.0.1:3000", "CHATD_SERVICE_HOST": "10.0.0.1", "CHATD_SERVICE_PORT": "3000",
            "CHATD_SERVICE_PORT_HTTP": "3000", "CHATD_PORT_3000_TCP": "tcp://10.0.0.1:3000",
            "CHATD_PORT_3000_TCP_ADDR": "10.0.0.1", "CHATD_PORT_3000_TCP_PORT": "3000",
            "CHATD_PORT_3000_TCP_PROTO": "tcp", "CHATD_DB": "x.db",
        ]
        let variables = EnvironmentVariables(all, known: Self.known)
        #expect(variables.values == ["CHATD_DB": "x.db"])
        #expect(
            variables.notes == [
                "ignored variables that Kubernetes sets for a Service: CHATD_PORT, CHATD_PORT_3000_TCP, "
                    + "CHATD_PORT_3000_TCP_ADDR, CHATD_PORT_3000_TCP_PORT, CHATD_PORT_3000_TCP_PROTO, "
                    + "CHATD_SERVICE_HOST, CHATD_SERVICE_PORT, CHATD_SERVICE_PORT_HTTP"
            ])
    }

    @Test(
        "a variable belongs to a Service only if its name and value have the form that Kubernetes sets",
        arguments: [
            ("CHATD_PORT", "tcp://[fd00::1]:3000", true), ("CHATD_PORT", "udp://10.0.0.1:53", true),
            ("CHATD_WEB_PORT", "tcp://10.0.0.1:80", true), ("CHATD_WEB_SERVICE_HOST", "10.0.0.1", true),
            ("CHATD_WEB_SERVICE_PORT", "80", true), ("CHATD_WEB_PORT_80_UDP_ADDR", "10.0.0.1", true),
            ("CHATD_PORT", "3000", false), ("CHATD_PORT", "http://x", false), ("CHATD_PORT_80", "x", false),
            ("CHATD_PORT_80_TLS", "x", false), ("CHATD_PORT_80_TCP_X", "x", false), ("CHATD_SERVICE_NAME", "x", false),
            ("CHATD_PORTS", "tcp://x", false),
        ])
    func pattern(name: String, value: String, isOfService: Bool) {
        let notes = EnvironmentVariables([name: value], known: Self.known).notes
        #expect((notes.first?.contains("Kubernetes") ?? false) == isOfService)
    }

    @Test("unknown variables with the prefix are listed in one short note")
    func unknown() {
        let one = EnvironmentVariables(["CHATD_COLOUR": "red", "CHATD_": ""], known: Self.known)
        #expect(one.notes == ["ignored variables that are not options: CHATD_, CHATD_COLOUR; see chatd serve --help"])
        #expect(one.values.isEmpty)
        let many = Dictionary(uniqueKeysWithValues: (100..<300).map { ("CHATD_X\($0)", "") })
        let notes = EnvironmentVariables(many, known: Self.known).notes
        #expect(notes.count == 1 && notes[0].contains("CHATD_X119 and 180 more;"))
    }
}
