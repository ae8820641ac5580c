import BelayDriverKit

/// The contents of a dump as pg_restore lists them: one line for each entry, in the order in which it restores them.
struct DumpList {
  private(set) var lines: [Substring]

  init(_ launcher: ToolLauncher, _ path: String) throws(DriverFailure) {
    let text = try launcher.read(["--list", path])
    lines = text.split(separator: "\n").filter { !$0.hasPrefix(";") }
  }

  /// `217; 1259 16518 TABLE app orders owner` without its numbers.
  static func entry(_ line: Substring) -> Substring {
    let rest = line.drop { $0 != ";" }.dropFirst(2)
    // Two numbers.
    return rest.drop { $0 != " " }.dropFirst().drop { $0 != " " }.dropFirst()
  }

  /// Something in it is in schema public, or belongs to it.
  var namesPublic: Bool {
    lines.contains { line in
      let entry = Self.entry(line)
      return entry.contains(" public ") || entry.hasPrefix("SCHEMA - public ")
    }
  }

  var extensions: [Substring] { lines.filter { Self.entry($0).hasPrefix("EXTENSION - ") } }

  /// Leaves out the entries whose text after the numbers is one of these.
  mutating func leaveOut(_ entries: Set<String>) {
    lines.removeAll { entries.contains(String(Self.entry($0))) }
  }

  /// Event triggers, and what is said of them.
  ///
  /// pg_restore refreshes materialized views when they are there already, so that they run, and may write rows.
  private static func isOfEventTrigger(_ line: Substring) -> Bool {
    let entry = entry(line)
    return entry.hasPrefix("EVENT TRIGGER - ")
      || ["COMMENT - EVENT TRIGGER ", "SECURITY LABEL - EVENT TRIGGER "].contains { entry.hasPrefix($0) }
  }

  var eventTriggers: DumpList { filter(Self.isOfEventTrigger) }
  var withoutEventTriggers: DumpList { filter { !Self.isOfEventTrigger($0) } }

  private static func isOfRows(_ line: Substring) -> Bool { entry(line).hasPrefix("TABLE DATA ") }

  /// Tables' rows.
  var rows: DumpList { filter(Self.isOfRows) }
  var withoutRows: DumpList { filter { !Self.isOfRows($0) } }

  func filter(_ isWanted: (Substring) -> Bool) -> DumpList {
    var other = self
    other.lines = lines.filter(isWanted)
    return other
  }

  mutating func moveEventTriggersToEnd() { lines = withoutEventTriggers.lines + eventTriggers.lines }

  var isEmpty: Bool { lines.isEmpty }

  /// For pg_restore's --use-list.
  var text: String { lines.joined(separator: "\n") + "\n" }
}

/// An extension that a dump installs.
struct DumpedExtension: Equatable {
  let name: String
  let schema: String
}

extension ToolLauncher {
  /// What pg_restore prints of a dump, all in memory.
  func read(_ arguments: [String]) throws(DriverFailure) -> String {
    let child = try start("pg_restore", arguments)
    defer { child.end() }
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try child.read(into: buffer)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    let ending = try child.finish()
    guard ending == .exited(0) else { throw ToolFailure.ofReading(child, ending) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The extensions that a dump installs, with their schemas.
  func extensions(of list: DumpList, _ path: String, in folder: String) throws(DriverFailure) -> [DumpedExtension] {
    let entries = list.extensions
    if entries.isEmpty { return [] }
    let file = try PrivateFile(in: folder, prefix: "belay-list")
    defer { withExtendedLifetime(file) {} }
    try file.write(entries.joined(separator: "\n") + "\n")
    let script = try read(["--use-list=\(file.path)", "--file=-", path])
    return script.split(separator: "\n").compactMap { line in
      var words = SQLNames(line)
      guard words.skip("CREATE EXTENSION IF NOT EXISTS "), let name = words.name() else { return nil }
      return DumpedExtension(name: name, schema: words.skip(" WITH SCHEMA ") ? words.name() ?? "" : "")
    }
  }
}

/// Reads names out of a line that pg_dump has written.
struct SQLNames {
  private var rest: Substring

  init(_ line: Substring) { rest = line }

  /// Skips this text if it comes next.
  mutating func skip(_ text: String) -> Bool {
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  /// The next name, with or without double quotes.
  mutating func name() -> String? {
    guard rest.first == "\"" else {
      let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
      rest = rest.dropFirst(name.count)
      return name.isEmpty ? nil : String(name)
    }
    var name = ""
    rest = rest.dropFirst()
    while let character = rest.popFirst() {
      if character == "\"" {
        guard rest.first == "\"" else { return name }
        rest = rest.dropFirst()
      }
      name.append(character)
    }
    return nil
  }
}
