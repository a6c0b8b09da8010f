import Persistence

/// The author of a message: a tag for its parts, then the id, then the name as it is stored.
extension WireWriter {
    mutating func append(_ author: MessageAuthor?) {
        let (id, name) = (author?.id, author?.storedName)
        append(WireTag.Author(hasID: id != nil, hasName: name != nil).rawValue)
        if let id { append(id) }
        if let name { append(name) }
    }
}

extension WireReader {
    mutating func author() throws(CodecError) -> MessageAuthor? {
        guard let tag = WireTag.Author(rawValue: try byte()) else { throw .badValue }
        let id = tag.hasID ? try array() : nil
        let name = tag.hasName ? try array() : nil
        let author = MessageAuthor(id: id, storedName: name)
        guard author?.storedName == name else { throw .badValue }
        return author
    }
}
