/// The sources of the browser client, embedded in the binary.
///
/// They have a target of their own because embedded files compile slowly; the target is rebuilt only if a file changes.
public enum ClientSources {
    /// The contents of the files, in the order in which they form one script.
    public static let files: [[UInt8]] = [
        PackageResources.emitter_js, PackageResources.packets_js, PackageResources.transports_js,
        PackageResources.engine_js, PackageResources.socket_js, PackageResources.manager_js, PackageResources.io_js,
    ]
}
