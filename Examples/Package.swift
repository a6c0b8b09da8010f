// swift-tools-version: 6.2
import PackageDescription

/// The examples are programs of a package of their own, as a user of the library would write them.
let package = Package(
    name: "examples",
    dependencies: [.package(name: "chatd", path: "..")],
    targets: [
        "Hello", "Chat", "EveryCore", "Guide", "MessagePack", "Mounting", "OwnAdapter", "RequestResponse",
        "SeveralMachines", "Survey", "Whiteboard",
    ].map { name in
        // The guide also shows how files are served.
        let products = name == "Guide" ? ["BrowserClient", "Cluster", "StaticFiles"] : ["Cluster"]
        return .executableTarget(
            name: name, dependencies: products.map { .product(name: $0, package: "chatd") }, path: name,
            swiftSettings: [.enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error)])
    },
    swiftLanguageModes: [.v6]
)
