// swift-tools-version: 6.2
import PackageDescription

/// Every target is Swift 6 and free of warnings.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// The files that create the tables in PostgreSQL, and the functions of `chatd copy`.
let schemaFiles = ["schema", "locking", "reading", "storing", "checking", "copying"]

/// The files of the browser client.
let clientSources = ["emitter", "packets", "transports", "engine", "socket", "manager", "io"]

/// The files of the built-in page's script.
let pageScripts =
    ["elements", "page", "connection", "health", "refusals"]
    + ["announcer", "authors", "bubble", "dates", "history", "messages", "text", "timeline", "unread"]
    .map { "messages/\($0)" }
    + ["composer", "draft", "identity", "name", "outbox", "sending", "sha256", "unsent"].map { "sending/\($0)" }

let package = Package(
    name: "chatd",
    products: [
        .executable(name: "chatd", targets: ["chatd"]),
        .library(name: "Transport", targets: ["Transport"]),
        .library(name: "Actors", targets: ["Actors"]),
        .library(name: "Persistence", targets: ["Persistence"]),
        .library(name: "Cluster", targets: ["Cluster"]),
        .library(name: "StaticFiles", targets: ["StaticFiles"]),
        .library(name: "BrowserClient", targets: ["BrowserClient"]),
        .library(name: "SocketTesting", targets: ["SocketTesting"]),
    ],
    targets: [
        .systemLibrary(name: "CLinux", path: "Sources/Transport/CLinux"),
        .systemLibrary(name: "CSQLite", path: "Sources/Persistence/CSQLite"),
        .target(name: "Transport", dependencies: ["CLinux"], exclude: ["CLinux"], swiftSettings: strict),
        .target(
            name: "Persistence", dependencies: ["CSQLite", "Transport"], exclude: ["CSQLite"],
            resources: schemaFiles.map { .embedInCode("PostgreSQL/Schema/\($0).sql") }, swiftSettings: strict),
        .target(name: "Actors", dependencies: ["Persistence", "Transport"], swiftSettings: strict),
        .target(
            name: "Cluster", dependencies: ["Actors", "Persistence", "Transport", "CLinux"], swiftSettings: strict),
        .target(name: "StaticFiles", dependencies: ["Actors", "Transport"], swiftSettings: strict),
        .target(
            name: "BrowserClientAssets", path: "Sources/BrowserClient/Assets",
            resources: clientSources.map { .embedInCode("socket.io/\($0).js") }, swiftSettings: strict),
        .target(
            name: "BrowserClient", dependencies: ["Actors", "BrowserClientAssets", "StaticFiles"],
            exclude: ["Assets"], swiftSettings: strict),
        .target(
            name: "ChatdAssets", path: "Sources/chatd/Assets",
            resources: ["index.html", "page.css", "icon.svg"].map { .embedInCode("page/\($0)") }
                + pageScripts.map { .embedInCode("page/\($0).js") },
            swiftSettings: strict),
        .target(
            name: "ChatApplication", dependencies: ["Actors", "Persistence"], path: "Sources/chatd/Chat",
            swiftSettings: strict),
        .executableTarget(
            name: "chatd",
            dependencies: [
                "Actors", "BrowserClient", "ChatApplication", "ChatdAssets", "Cluster", "Persistence", "StaticFiles",
                "Transport",
            ], exclude: ["Assets", "Chat"], swiftSettings: strict),
        .executableTarget(
            name: "ConformanceServer", dependencies: ["Actors", "Cluster", "Transport"],
            path: "Examples/ConformanceServer", swiftSettings: strict),
        .target(
            name: "SocketTesting", dependencies: ["Actors", "Cluster", "Persistence", "Transport"],
            swiftSettings: strict),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "SimulatedMachine", dependencies: ["TestSupport", "Transport"], path: "Tests/Simulation/Machine",
            swiftSettings: strict),
        .systemLibrary(name: "CStoreFaults", path: "Tests/Simulation/World/Store/CStoreFaults"),
        .target(
            name: "SimulatedWorld",
            dependencies: [
                "Actors", "CStoreFaults", "ChatApplication", "Cluster", "Persistence", "SimulatedMachine", "Transport",
            ],
            path: "Tests/Simulation/World", exclude: ["Store/CStoreFaults"], swiftSettings: strict),
        .systemLibrary(name: "CTaskHooks", path: "Tests/Simulation/Command/CTaskHooks"),
        .executableTarget(
            name: "simulate", dependencies: ["CTaskHooks", "SimulatedWorld"], path: "Tests/Simulation/Command",
            exclude: ["CTaskHooks"], swiftSettings: strict),
        .testTarget(
            name: "SimulatedWorldTests",
            dependencies: ["CStoreFaults", "SimulatedMachine", "SimulatedWorld", "Transport"],
            path: "Tests/Simulation/WorldTests", swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(name: "TransportTests", dependencies: ["TestSupport", "Transport"], swiftSettings: strict),
        .testTarget(
            name: "ActorsTests",
            dependencies: ["Actors", "Cluster", "Persistence", "SimulatedMachine", "TestSupport", "Transport"],
            swiftSettings: strict),
        .testTarget(
            name: "PersistenceTests", dependencies: ["CSQLite", "Persistence", "TestSupport", "Transport"],
            swiftSettings: strict),
        .testTarget(
            name: "ClusterTests",
            dependencies: ["Actors", "Cluster", "Persistence", "SimulatedMachine", "TestSupport", "Transport"],
            exclude: ["Backplane/Formats/Golden"], swiftSettings: strict),
        .testTarget(
            name: "SocketTestingTests", dependencies: ["Cluster", "SocketTesting", "Transport"],
            swiftSettings: strict),
        .testTarget(
            name: "OfficialCases", dependencies: ["Cluster", "SocketTesting", "Transport"], swiftSettings: strict),
        .testTarget(
            name: "chatdTests",
            dependencies: [
                "chatd", "Actors", "ChatApplication", "Cluster", "Persistence", "StaticFiles", "TestSupport",
                "Transport",
            ], swiftSettings: strict),
        .testTarget(
            name: "StaticFilesTests",
            dependencies: ["BrowserClient", "Cluster", "StaticFiles", "TestSupport", "Transport"],
            swiftSettings: strict),
        .testTarget(
            name: "BrowserClientTests", dependencies: ["BrowserClient", "StaticFiles", "TestSupport"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
