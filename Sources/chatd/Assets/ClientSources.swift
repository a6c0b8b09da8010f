/// The sources of the browser client, embedded in the binary.
///
/// They are a target of their own because embedding is slow to compile: it is done again only when one of them changes.
public enum ClientSources {
    /// The files' contents, in the order in which they make up one script.
    public static let files: [[UInt8]] = [
        PackageResources.emitter_js, PackageResources.packets_js, PackageResources.transports_js,
        PackageResources.engine_js, PackageResources.socket_js, PackageResources.manager_js, PackageResources.io_js,
    ]
}
