// swift-tools-version: 6.2
import PackageDescription

let examples = ["Hello", "Chat", "EveryCore", "Guide", "Mounting", "RequestResponse", "Survey", "Whiteboard"]

/// The examples are programs of a package of their own, as a user of the library would write them.
let package = Package(
    name: "examples",
    dependencies: [.package(name: "chatd", path: "..")],
    targets: examples.map { name in
        .executableTarget(
            name: name, dependencies: [.product(name: "Cluster", package: "chatd")], path: name,
            swiftSettings: [.enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error)])
    },
    swiftLanguageModes: [.v6]
)
