/// One setting for `Driver.open`.
package struct DriverOption: Sendable, Hashable {
  package var key: String
  package var value: String
  /// Never logged, and not echoed by the driver.
  package var isSecret: Bool

  package init(key: String, value: String, isSecret: Bool = false) {
    self.key = key
    self.value = value
    self.isSecret = isSecret
  }

  /// Make the database where it does not exist; fail where it exists and is not empty.
  package static let create = DriverOption(key: "create", value: "1")
  /// Never write.
  package static let readOnly = DriverOption(key: "read_only", value: "1")
  /// A folder for the driver's temporary files, which the host empties after a crash.
  package static func scratchFolder(_ path: String) -> DriverOption { DriverOption(key: "scratch_dir", value: path) }
}
