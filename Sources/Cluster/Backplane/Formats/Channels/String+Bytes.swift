extension String {
    /// The text after a prefix, or nil without it. Compares bytes, as brokers do, because Swift's strings are equal in
    /// different normal forms.
    func after(_ prefix: String) -> String? {
        guard utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// The text before a suffix, or nil without it. Compares bytes.
    func before(_ suffix: Unicode.Scalar) -> String? {
        guard suffix.isASCII, utf8.last == UInt8(ascii: suffix) else { return nil }
        return String(decoding: utf8.dropLast(), as: UTF8.self)
    }

    /// Returns true if both texts have the same bytes.
    func isIdentical(to other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}
