import Testing

@Suite("Compatibility")
struct CompatibilityTests {
    @Test("the table of the official server's names states what the library has")
    func repository() throws {
        let file = try #require(Repository.files.first { $0.path == "docs/socket-io-compatibility.md" })
        let table = Compatibility(file)
        expectNone(table.violations(against: PublicDeclarations(of: Repository.files)))
        #expect(table.statesSummary, "the document does not state: \(table.summary)")
        #expect(table.rows.count == 175)
    }

    @Test("a row with a missing declaration, without a reason or with a wrong number of cells is found")
    func violations() {
        let rows = ["| a | yes | `x` | `A.b`, `A.c` | |", "| b | no | | | |", "| c | maybe | | | n |", "| d | no |"]
        let table = Compatibility(SourceFile(path: "a.md", text: (rows + [rows[0]]).joined(separator: "\n")))
        let source = SourceFile(path: "Sources/A.swift", text: "public struct A {\n    public func b() {}\n}\n")
        #expect(
            table.violations(against: PublicDeclarations(of: [source])) == [
                "a.md:4: not 5 cells", ": a occurs twice", "a.md:1: A.c is not public", "a.md:2: no reason",
                "a.md:3: maybe is not yes, form or no", "a.md:5: A.c is not public",
            ])
        #expect(table.summary.hasPrefix("**3 of 4 names (75 %) are supported**: 2 in the same way, 1 in"))
        #expect(!table.statesSummary)
    }

    @Test("public declarations are found with the types that enclose them")
    func declarations() {
        let text = """
            public enum A: Sendable {
                case one, two(Int)
                public struct B {
                    public let c: Int
                    let d: Int
                    public init(e: Int) {
                    }
                }
                public static func f() {}
                func notPublic() {}
                private static func g() {}
            }
            extension A.B {
                public subscript(h: Int) -> Int { 0 }
                var i: Int { 0 }
            }
            enum J {
                case k
            }
            public protocol L {
                func m()
            }
            """
        let found = PublicDeclarations(of: [SourceFile(path: "Sources/A.swift", text: text)])
        #expect(
            found.names == [
                "A", "A.B", "A.B.c", "A.B.init", "A.B.subscript", "A.f", "A.one", "A.two", "L", "L.m",
            ])
    }
}
