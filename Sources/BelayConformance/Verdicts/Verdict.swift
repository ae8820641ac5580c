import BelayDrivers

/// The result of a rule.
package enum Verdict: String, Codable, Sendable {
  case pass, fail
  /// Not tested: says nothing about the driver.
  case skipped
}

/// The driver breaks the rule; the reason says what it did instead.
struct Broken: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// The rule cannot be tested here, for this reason.
struct Skip: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// Ends the rule if the driver did not do what it must. reason: what it did instead.
func expect(_ kept: Bool, _ reason: @autoclosure () -> String) throws(Broken) {
  if !kept { throw Broken(reason()) }
}

/// The driver's error with which body ends. what: as in "… did not fail".
func failure(of what: String, _ body: () throws -> Void) throws -> DriverError {
  do {
    try body()
  } catch let error as DriverError {
    // A violation of the ABI is never the expected failure.
    if error.code == .internal { throw Broken("\(what): \(error.message)") }
    return error
  }
  throw Broken("\(what) did not fail")
}

/// The same, and requires one of the codes, and that nothing was changed.
@discardableResult
func refusal(of what: String, _ codes: [DriverError.Code], _ body: () throws -> Void) throws -> DriverError {
  let error = try failure(of: what, body)
  let wanted = codes.map { "\($0)" }.joined(separator: " or ")
  try expect(codes.contains(error.code), "\(what) failed with \(error.code), not \(wanted): \(error.message)")
  try expect(error.outcome == .notApplied, "\(what) failed and reported \(error.outcome), not NOT_APPLIED")
  try expect(!error.message.isEmpty && error.message != "no reason given", "\(what) failed without a message")
  return error
}
