/// The path of Engine.IO requests, in the form that routes need.
enum EnginePath {
    /// The path with one slash at each end.
    static func normalized(_ path: String) -> String {
        let bytes = path.utf8.drop { $0 == UInt8(ascii: "/") }
        guard let last = bytes.lastIndex(where: { $0 != UInt8(ascii: "/") }) else { return "/" }
        return "/" + String(Substring(bytes[...last])) + "/"
    }
}
