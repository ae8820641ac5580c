import BelayABI
import CBelayDriver

/// One function of the ABI, as errors name it.
struct Call {
  let name: String
  /// A failure of which nothing is known may have changed the database.
  let writes: Bool
  /// Whoever makes it wants to know now that somebody else holds a lock.
  let answersAtOnce: Bool

  /// A function of the core.
  init(_ function: String, writes: Bool = false, answersAtOnce: Bool = false) {
    name = function
    self.writes = writes
    self.answersAtOnce = answersAtOnce
  }

  /// A function of an extension.
  init(_ id: DriverExtension, _ function: String, writes: Bool = false, answersAtOnce: Bool = false) {
    self.init("\(id.rawValue).\(function)", writes: writes, answersAtOnce: answersAtOnce)
  }

  /// What became of a call: nil where it did what it should. defect: the rule that the driver broke in a callback.
  func failure(of driver: Driver, _ code: Int32, _ slot: ErrorSlot, defect: String?) -> DriverError? {
    if let defect { return self.defect(of: driver, defect) }
    switch (code, slot.reported) {
    case (Int32(BELAY_OK), nil): return nil
    case (Int32(BELAY_OK), let reported?):
      return self.defect(of: driver, "it reported a failure and returned none: \(reported.message)")
    case (_, nil): return self.defect(of: driver, "it returned \(code) without saying why")
    case (_, let reported?):
      guard DriverError.Code(rawValue: code) != nil else {
        return self.defect(of: driver, "it returned \(code), which is no code of the ABI: \(reported.message)")
      }
      guard code == slot.reportedCode else {
        return self.defect(of: driver, "it returned \(code) and reported \(slot.reportedCode): \(reported.message)")
      }
      return reported
    }
  }

  /// The driver broke the ABI's rules, so that nothing it says about this call counts.
  func defect(of driver: Driver, _ rule: String) -> DriverError {
    DriverError(
      .internal, outcome: writes ? .unknown : .notApplied,
      message: "driver \(driver.id) \(driver.version) has a defect: in \(name), \(rule)",
      hint: "report this to the driver's author; \(driver.path)")
  }

  var closed: DriverError {
    DriverError(.invalid, message: "\(name) was called on a connection that is closed")
  }
}
