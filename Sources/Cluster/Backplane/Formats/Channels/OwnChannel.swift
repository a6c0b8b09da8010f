/// The channel of messages between servers like this one, with any adapter. No official server subscribes to it.
enum OwnChannel {
    static func name(prefix: String, namespace: String) -> String { "\(prefix)-chatd#\(namespace)#" }
}
