/// One setting for `Driver.open`.
package struct DriverOption: Sendable, Hashable {
  package var key: String
  package var value: String
  /// Must not be logged, nor repeated by the driver.
  package var isSecret: Bool

  package init(key: String, value: String, isSecret: Bool = false) {
    self.key = key
    self.value = value
    self.isSecret = isSecret
  }

  /// Create the database if it does not exist; fail if it exists and is not empty.
  package static let create = DriverOption(key: "create", value: "1")
  /// Never write.
  package static let readOnly = DriverOption(key: "read_only", value: "1")
  /// A folder for the driver's temporary files, which the host empties after a crash.
  package static func scratchFolder(_ path: String) -> DriverOption { DriverOption(key: "scratch_dir", value: path) }
}
