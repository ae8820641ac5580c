import BelayRows
import CBelayDriver

/// What `belay_error` points to: the failure of one call, copied out of the driver's memory.
package final class ErrorSlot {
  package private(set) var reported: DriverError?
  /// The code as the driver reported it, for comparison with the returned code.
  package private(set) var reportedCode: Int32 = 0
  /// How often the driver reported a failure; once is correct.
  package private(set) var reports = 0

  package init() {}

  /// Valid for one call: the caller keeps the slot alive.
  package var borrowed: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

  static func from(_ pointer: OpaquePointer) -> ErrorSlot {
    Unmanaged<ErrorSlot>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  func fill(
    code: Int32, outcome: UInt32, sqlState: belay_str, vendorCode: Int64, sqlOffset: Int64, message: belay_str,
    hint: belay_str
  ) {
    reportedCode = code
    reports += 1
    reported = DriverError(
      DriverError.Code(rawValue: code) ?? .internal,
      outcome: DriverError.Outcome(rawValue: outcome) ?? .unknown,
      sqlState: sqlState.shownText.nilIfEmpty, vendorCode: vendorCode,
      sqlOffset: sqlOffset >= 0 ? Int(sqlOffset) : nil,
      message: message.shownText.nilIfEmpty ?? "no reason given", hint: hint.shownText.nilIfEmpty)
  }
}

extension String {
  var nilIfEmpty: String? { isEmpty ? nil : self }
}
