import TestSupport
import Testing

@testable import chatd

@Suite("The served pages")
struct PagesTests {
    @Test("a missing directory, or one without any of the files, is refused with the option's name")
    func refusals() throws {
        let directory = try TemporaryDirectory(["other.js": "no"])
        for path in [directory.path, directory.path + "/missing", directory.path + "/other.js"] {
            let error = #expect(throws: Pages.OptionError.self) { try Pages(clientBundle: path, webRoot: nil) }
            #expect(error?.option == "client-bundle")
            #expect(error?.description.contains(path) == true)
        }
        let error = #expect(throws: Pages.OptionError.self) { try Pages(clientBundle: nil, webRoot: "/nowhere") }
        #expect(error?.option == "web-root")
    }
}
