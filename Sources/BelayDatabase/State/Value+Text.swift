import BelayDrivers

extension Value {
  /// As a check's expectation or a message shows it. NULL is empty.
  package var asText: String {
    switch self {
    case .null: ""
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .text(let value), .native(let value): value
    case .blob(let bytes): "\\x" + Hex.text(bytes)
    }
  }
}
