// swift-tools-version: 6.2
import PackageDescription

/// The examples are programs of a package of their own, as a user of the library would write them.
let package = Package(
    name: "examples",
    dependencies: [.package(name: "chatd", path: "..")],
    targets: [
        "Hello", "Chat", "EveryCore", "Guide", "MessagePack", "Mounting", "OwnAdapter", "RequestResponse",
        "SeveralMachines", "Whiteboard",
    ].map { name in
        .executableTarget(
            name: name, dependencies: [.product(name: "Cluster", package: "chatd")], path: name,
            swiftSettings: [.enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error)])
    },
    swiftLanguageModes: [.v6]
)
