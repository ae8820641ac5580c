import BelayRows

/// One row of a small table that an extension passes to a rowsink, such as a finding: which columns it has, and how
/// they are written and read.
package protocol TableRow {
  /// The columns, as the header lists them.
  static var columns: [String] { get }
  /// The values, in the order of the columns.
  var row: [Value] { get }
  /// nil if the row is not as the header says.
  init?(row: [Value])
}

extension Value {
  /// NULL if there is no text.
  init(_ text: String?) { self = text.map { .text($0) } ?? .null }
}
