import Actors
import Transport

extension OptionValues.Setting {
    /// The same option, whose value also says what is in force, where that is not clear from the text alone.
    func inForce(in server: ServerOptions) -> Self {
        let note: String? =
            switch option.name {
            case "message-rate": Self.rate(value, server.messageRate)
            case "byte-rate": Self.rate(value, server.byteRate)
            case "history-rate": Self.rate(value, server.historyRate)
            case "max-input-memory":
                Self.raised(server.maxInputMemory, to: InputBudget.leastLimit(forBodiesOf: server.engine.maxPayload))
            default: nil
            }
        guard let note else { return self }
        return Self(option: option, value: "\(value) (\(note))", source: source)
    }

    private static func rate(_ value: String, _ limit: RateLimit?) -> String? {
        value == "auto" ? limit?.description : nil
    }

    private static func raised(_ limit: Int, to least: Int) -> String? {
        least > limit ? "raised to \(least)" : nil
    }
}
