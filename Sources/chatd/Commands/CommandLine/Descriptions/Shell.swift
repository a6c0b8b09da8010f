/// A shell for which chatd can print completions.
enum Shell: String, CaseIterable {
    case bash
    case zsh
    case fish
}
