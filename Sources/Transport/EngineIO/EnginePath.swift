/// Normalizes the path of Engine.IO requests for use as a route.
enum EnginePath {
    /// Returns the path with exactly one slash at each end.
    static func normalized(_ path: String) -> String {
        let bytes = path.utf8.drop { $0 == UInt8(ascii: "/") }
        guard let last = bytes.lastIndex(where: { $0 != UInt8(ascii: "/") }) else { return "/" }
        return "/" + String(Substring(bytes[...last])) + "/"
    }
}
