extension EncodedArguments {
    /// The first argument; null without one. The official adapters pass on only this one of an acknowledgement.
    package var first: MixedValue {
        let list = MixedValue(self)
        return list.part(list.json[0] ?? .null)
    }

    /// The arguments after the first one, which must have no placeholder.
    package var withoutFirst: EncodedArguments {
        guard let elements = try? JSONScanner.splitList(text, in: text.indices) else { return self }
        let start = elements.count > 1 ? elements[1].lowerBound : text.count
        return EncodedArguments(text: Array(text[start...]), attachments: attachments)
    }
}
