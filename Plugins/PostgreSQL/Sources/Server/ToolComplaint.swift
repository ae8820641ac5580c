import BelayDriverKit

/// What a program of PostgreSQL's wrote to stderr: the beginning, the end, and the parts that matter.
struct ToolComplaint {
  private static let room = 8 << 10
  private var head: [UInt8] = []
  private var tail: [UInt8] = []

  var isEmpty: Bool { head.isEmpty }

  mutating func add(_ bytes: ArraySlice<UInt8>) {
    let fitting = min(Self.room - head.count, bytes.count)
    head += bytes.prefix(fitting)
    tail += bytes.dropFirst(fitting)
    if tail.count > 2 * Self.room { tail.removeFirst(tail.count - Self.room) }
  }

  /// The first error in it.
  var error: ToolError? { ToolError(lines) }

  /// The statement that failed first, where the program tells it whole. It may hold a secret: never to be shown.
  var command: String? {
    guard tail.isEmpty else { return nil }
    let text = String(decoding: head, as: UTF8.self)
    guard let label = text.firstRange(of: "Command was: ") else { return nil }
    let rest = text[label.upperBound...]
    let end = rest.firstRange(of: "\npg_restore: ")?.lowerBound ?? rest.endIndex
    return String(rest[..<end])
  }

  /// Without the failed statements or parts of them: they may contain the password of a subscription or of a user
  /// mapping.
  private var lines: [Substring] {
    let text =
      String(decoding: head, as: UTF8.self) + (tail.isEmpty ? "" : "\n" + String(decoding: tail, as: UTF8.self))
    var kept: [Substring] = []
    var isHidden = false
    for line in text.split(separator: "\n") {
      if ["Command was:", "STATEMENT:", "LINE ", "QUERY:", "CONTEXT:", "LOCATION:"].contains(where: line.hasPrefix) {
        isHidden = true
      } else if Self.beginsMessage(line) {
        isHidden = false
      }
      if !isHidden { kept.append(line) }
    }
    return kept
  }

  private static func beginsMessage(_ line: Substring) -> Bool {
    ["pg_dump: ", "pg_restore: ", "psql:", "DETAIL:", "HINT:"].contains(where: line.hasPrefix)
  }
}

/// One error that a program of PostgreSQL's reported.
struct ToolError {
  /// Empty if the program does not report it: only psql does.
  var sqlState = ""
  var message = ""
  var hint = ""
  /// The query that the program reported, e.g. "LOCK TABLE public.t IN ACCESS SHARE MODE".
  var query = ""

  /// nil where there is none.
  init?(_ lines: [Substring]) {
    let first = lines.firstIndex { line in
      !line.contains("warning:") && !line.contains("WARNING:")
        && (line.contains("error:") || line.contains("ERROR:") || Self.state(in: line) != nil)
    }
    guard let first = first ?? lines.firstIndex(where: { !$0.contains("warning:") }) else { return nil }
    (sqlState, message) = Self.read(lines[first])
    var hints: [String] = []
    for line in lines[(first + 1)...] {
      if let detail = Self.after("DETAIL:", line) ?? Self.after("HINT:", line) {
        hints.append(detail)
      } else if let detail = Self.after("detail: ", line) {
        if let asked = Self.after("Query was: ", detail[...]) { query = asked } else { hints.append(detail) }
      } else {
        break
      }
    }
    hint = hints.joined(separator: " ")
    if hint.hasSuffix(".") { hint.removeLast() }
  }

  /// The text after a label that is at the beginning of the line or after the program's name.
  private static func after(_ label: String, _ line: Substring) -> String? {
    guard let range = line.firstRange(of: label),
      range.lowerBound == line.startIndex || line.hasPrefix("pg_") || line.hasPrefix("psql")
    else { return nil }
    return String(line[range.upperBound...].drop { $0 == " " })
  }

  private static func read(_ line: Substring) -> (sqlState: String, message: String) {
    var text = line
    for mark in ["error: ", "fatal: "] {
      if let range = text.firstRange(of: mark) {
        text = text[range.upperBound...]
        break
      }
    }
    if text.hasPrefix("psql:<stdin>:") {
      text = text.dropFirst("psql:<stdin>:".count).drop { $0 != " " }.dropFirst()
    }
    if let (state, message) = state(in: text) { return (state, String(message)) }
    // The server's message follows its word for "error", in any language, and two spaces.
    if let mark = text.firstRange(of: ":  ") { text = text[mark.upperBound...] }
    return ("", String(text))
  }

  /// `ERROR:  42704: role "x" does not exist`
  private static func state(in line: Substring) -> (state: String, message: Substring)? {
    var rest = line
    while let mark = rest.firstRange(of: ":  ") {
      rest = rest[mark.upperBound...]
      let state = rest.prefix(5)
      let isState =
        state.utf8.count == 5
        && state.utf8.allSatisfy {
          (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
        }
      if isState, rest.dropFirst(5).hasPrefix(": ") { return (String(state), rest.dropFirst(7)) }
    }
    return nil
  }
}
