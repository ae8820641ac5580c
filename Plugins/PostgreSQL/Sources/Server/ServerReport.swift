import CPostgreSQL

/// The fields of an error or a notice, as the server sent them.
struct ServerReport {
  /// "ERROR", "FATAL", "WARNING", "NOTICE" …, in English whatever the server's language is.
  let severity: String
  let sqlState: String
  /// One line or several; empty if the server sent no fields.
  let message: String
  let detail: String
  let hint: String
  let context: String
  /// The server's own function that reports it.
  let function: String
  /// In the text that was sent, from 1, in characters.
  let position: Int?

  init(_ result: OpaquePointer?) {
    func field(_ code: Unicode.Scalar) -> String {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
    }
    let severity = field("V")
    self.severity = severity.isEmpty ? field("S") : severity
    sqlState = field("C")
    message = field("M")
    detail = field("D")
    hint = field("H")
    context = field("W")
    function = field("R")
    position = Int(field("P"))
  }

  /// The server's text in addition to the message, in one line.
  var detailAndHint: String {
    var parts = [detail, hint]
    // Where in a function it happened; the message already contains the function's statement.
    if let place = context.split(separator: "\n").first(where: { $0.hasPrefix("PL/") }) {
      parts.insert("in \(place)", at: 0)
    }
    let text = parts.filter { !$0.isEmpty }.joined(separator: " ").split(separator: "\n").joined(separator: " ")
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
