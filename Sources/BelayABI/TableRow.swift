import BelayRows

/// One row of a small table that an extension gives by a rowsink, such as a finding: which columns it has, and how they
/// are written and read.
package protocol TableRow {
  /// As the header lists them.
  static var columns: [String] { get }
  /// In the columns' order.
  var row: [Value] { get }
  /// nil where the row is not as the header says.
  init?(row: [Value])
}

extension Value {
  /// NULL where there is no text.
  init(_ text: String?) { self = text.map { .text($0) } ?? .null }
}
