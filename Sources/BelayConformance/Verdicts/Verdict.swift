import BelayDrivers

/// What became of a rule.
package enum Verdict: String, Codable, Sendable {
  case pass, fail
  /// Not tested: says nothing about the driver.
  case skipped
}

/// The driver does not keep the rule: what it did instead.
struct Broken: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// The rule cannot be tested here: why.
struct Skip: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// Ends the rule where the driver did not do what it has to. reason: what it did instead.
func expect(_ kept: Bool, _ reason: @autoclosure () -> String) throws(Broken) {
  if !kept { throw Broken(reason()) }
}

/// The driver's error that body ends with. what: as in "… did not fail".
func failure(of what: String, _ body: () throws -> Void) throws -> DriverError {
  do {
    try body()
  } catch let error as DriverError {
    // A broken rule of the border is never the failure that was wanted.
    if error.code == .internal { throw Broken("\(what): \(error.message)") }
    return error
  }
  throw Broken("\(what) did not fail")
}

/// The same, held to a code, and to having changed nothing.
@discardableResult
func refusal(of what: String, _ codes: [DriverError.Code], _ body: () throws -> Void) throws -> DriverError {
  let error = try failure(of: what, body)
  let wanted = codes.map { "\($0)" }.joined(separator: " or ")
  try expect(codes.contains(error.code), "\(what) failed with \(error.code), not \(wanted): \(error.message)")
  try expect(error.outcome == .notApplied, "\(what) failed, and says \(error.outcome), not NOT_APPLIED")
  try expect(!error.message.isEmpty && error.message != "no reason given", "\(what) failed without a message")
  return error
}
