import BelayABI
import CBelayDriver

/// One function of the ABI, for errors.
struct Call {
  let name: String
  /// Whether a failure without an outcome may have changed the database.
  let writes: Bool
  /// Whoever makes it wants to know now that somebody else holds a lock.
  let answersAtOnce: Bool
  /// The SQL text that it is given.
  let sql: String?

  /// A function of the core.
  init(_ function: String, of sql: String? = nil, writes: Bool = false, answersAtOnce: Bool = false) {
    name = function
    self.sql = sql
    self.writes = writes
    self.answersAtOnce = answersAtOnce
  }

  /// A function of an extension.
  init(
    _ id: DriverExtension, _ function: String, of sql: String? = nil, writes: Bool = false, answersAtOnce: Bool = false
  ) {
    self.init("\(id.rawValue).\(function)", of: sql, writes: writes, answersAtOnce: answersAtOnce)
  }

  /// The failure of a call; nil if it succeeded. defect: the rule that the driver broke in a callback.
  func failure(of driver: Driver, _ code: Int32, _ slot: ErrorSlot, defect: String?) -> DriverError? {
    guard var failure = told(by: driver, code, slot, defect: defect) else { return nil }
    (failure.call, failure.sql) = (name, sql)
    return failure
  }

  private func told(by driver: Driver, _ code: Int32, _ slot: ErrorSlot, defect: String?) -> DriverError? {
    if let defect { return self.defect(of: driver, defect) }
    switch (code, slot.reported) {
    case (Int32(BELAY_OK), nil): return nil
    case (Int32(BELAY_OK), let reported?):
      return self.defect(of: driver, "it reported a failure but returned success: \(reported.message)")
    case (_, nil): return self.defect(of: driver, "it returned \(code) without reporting the failure")
    case (_, let reported?):
      guard DriverError.Code(rawValue: code) != nil else {
        return self.defect(of: driver, "it returned \(code), which is not a code of the ABI: \(reported.message)")
      }
      guard code == slot.reportedCode else {
        return self.defect(of: driver, "it returned \(code) but reported \(slot.reportedCode): \(reported.message)")
      }
      return reported
    }
  }

  /// The driver broke the rules of the ABI, so nothing that it reports about this call can be trusted.
  func defect(of driver: Driver, _ rule: String) -> DriverError {
    DriverError(
      .internal, outcome: writes ? .unknown : .notApplied,
      message: "driver \(driver.id) \(driver.version) has a defect: in \(name), \(rule)",
      hint: "report this to the driver's author; \(driver.path)")
  }

  var closed: DriverError {
    DriverError(.invalid, message: "\(name) was called on a closed connection")
  }
}
