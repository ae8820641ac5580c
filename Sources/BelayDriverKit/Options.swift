/// The named settings with which a database is opened. Take those that the driver knows; `finish()` then refuses the
/// rest.
public struct Options {
  private var remaining: [(key: String, value: String)]

  /// Settings by name; if a name comes twice, its last value counts.
  public init(_ settings: [(key: String, value: String)]) {
    remaining = settings
  }

  /// The value of a setting; nil if it was not given.
  public mutating func take(_ key: String) -> String? {
    let value = remaining.last { $0.key == key }?.value
    remaining.removeAll { $0.key == key }
    return value
  }

  /// A setting that is on ("1", "true", "on", "yes") or off ("0", "false", "off", "no").
  public mutating func takeFlag(_ key: String, default byDefault: Bool) throws(DriverFailure) -> Bool {
    guard let value = take(key) else { return byDefault }
    switch value.lowercased() {
    case "1", "true", "on", "yes": return true
    case "0", "false", "off", "no": return false
    default: throw DriverFailure(.invalid, "option \(key) must be on or off, not \(value)", hint: "use 1 or 0")
    }
  }

  /// A setting that is a whole number of at least 0.
  public mutating func takeCount(_ key: String, default byDefault: Int) throws(DriverFailure) -> Int {
    guard let value = take(key) else { return byDefault }
    guard let count = Int(value), count >= 0 else {
      throw DriverFailure(.invalid, "option \(key) must be a whole number of at least 0, not \(value)")
    }
    return count
  }

  /// Refuses every setting that was not taken. The message contains its name, but not its value, which may be secret.
  public func finish() throws(DriverFailure) {
    guard let unknown = remaining.first else { return }
    throw DriverFailure(.invalid, "unknown option \(unknown.key)")
  }
}
