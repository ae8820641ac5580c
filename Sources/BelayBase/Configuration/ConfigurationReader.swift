import Foundation
import SystemPackage
import Yams

extension Configuration {
  /// Reads a file that a person has named, whoever wrote it.
  /// - Throws: A `ConfigurationError` that names the line of the first thing wrong.
  package static func read(_ file: String) throws(ConfigurationError) -> Configuration {
    let data: Data
    do throws(FileFlaw) {
      data = try RegularFile.read(FilePath(file), most: mostBytes)
    } catch {
      throw ConfigurationError(file: file, line: nil, message: error.text)
    }
    return try parse(data, file: file)
  }

  static let mostBytes = 16 << 20

  static func parse(_ data: Data, file: String) throws(ConfigurationError) -> Configuration {
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ConfigurationError(file: file, line: nil, message: "is not UTF-8 text")
    }
    return try parse(text, file: file)
  }

  /// Reads a file's text.
  /// - Parameters:
  ///   - text: YAML.
  ///   - file: The absolute path that it is from: named in errors, and its folder is where relative paths start.
  /// - Returns: What the file says, and what holds where it says nothing.
  /// - Throws: A `ConfigurationError` that names the line of the first thing wrong.
  package static func parse(_ text: String, file: String) throws(ConfigurationError) -> Configuration {
    let folder = URL(filePath: file).deletingLastPathComponent().path(percentEncoded: false)
    var configuration = Configuration(folder: absolute(folder, from: "/"))
    configuration.file = file
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw ConfigurationError(file: file, yaml: error, text: text)
    } catch {
      throw ConfigurationError(file: file, line: nil, message: "is not YAML: \(error)")
    }
    guard let root else { return configuration }
    let top = YAMLValue(file: file, path: "", node: root)
    // A file of comments alone.
    if top.isNull { return configuration }
    try configuration.take(top)
    return configuration
  }

  private mutating func take(_ top: YAMLValue) throws(ConfigurationError) {
    if case .mapping = top.node {} else { throw top.failure("must have keys at the top level, such as `targets:`") }
    let fields = try top.fields([
      "targets", "store", "migrations", "retention", "report", "formats", "checks", "audit", "plans", "contract",
      "driver_path", "watch", "guard", "spot_checks", "hooks", "encryption", "repositories",
    ])
    if let value = fields["targets"] { targets = try Self.targets(value) }
    if let value = fields["store"] { store = absolute(try value.text()) }
    if let value = fields["migrations"] { try takeMigrations(value) }
    if let value = fields["retention"] { try takeRetention(value) }
    if let value = fields["report"] { try takeReport(value) }
    if let value = fields["formats"] { formats = try Self.formats(value) }
    if let value = fields["checks"] { checks = try Self.checks(value, targets: targets) }
    if let value = fields["audit"] { audit = try Self.checks(value, targets: targets) }
    if let value = fields["spot_checks"] { spotChecks = try Self.spotChecks(value, targets: targets) }
    if let value = fields["hooks"] { hooks = try Self.runHooks(value, targets: targets) }
    if let value = fields["plans"] { plans = try Self.plans(value) }
    if let value = fields["watch"] { try takeWatch(value) }
    if let value = fields["contract"] { contract = try value.oneOf(ContractMode.self) }
    if let value = fields["encryption"] { try takeEncryption(value) }
    if let value = fields["guard"] { try takeGuards(value) }
    if let value = fields["repositories"] { repositories = try repositories(value) }
    if let value = fields["driver_path"] { driverPaths = try Self.texts(value).map(absolute) }
  }

  private mutating func takeMigrations(_ value: YAMLValue) throws(ConfigurationError) {
    let fields = try value.fields([
      "dir", "convention", "ledger", "lock_timeout", "statement_timeout", "max_lock", "on_failure",
      "backup_after",
    ])
    if let value = fields["dir"] { migrations.directory = absolute(try value.text()) }
    if let value = fields["convention"] { migrations.convention = try value.oneOf(ConventionName.self) }
    if let value = fields["ledger"] {
      let ledger = try value.text()
      if ledger.isEmpty { throw value.failure("`\(value.path)` must be the name of a table") }
      migrations.ledger = ledger
    }
    if let value = fields["lock_timeout"] {
      migrations.lockTimeoutSeconds = try value.seconds(or: "0 means a single attempt")
    }
    if let value = fields["statement_timeout"] {
      migrations.statementTimeoutSeconds = try value.seconds(or: "0 means no limit")
    }
    if let value = fields["max_lock"] { migrations.mostLockSeconds = try value.seconds(or: "0 means no limit") }
    if let value = fields["backup_after"] { migrations.backsUpAfter = try value.flag() }
    if let value = fields["on_failure"] { migrations.onFailure = try value.oneOf(FailurePolicy.self) }
  }

  private mutating func takeReport(_ value: YAMLValue) throws(ConfigurationError) {
    let fields = try value.fields(["row_values"])
    if let value = fields["row_values"] { report.showsRows = try value.flag() }
  }

  private static func targets(_ value: YAMLValue) throws(ConfigurationError) -> [TargetDefinition] {
    var targets: [TargetDefinition] = []
    for (key, value) in try value.mapping() {
      let name = try key.text()
      // A name is told from a URL by having no colon, and stands in file names.
      guard isName(name) else {
        throw key.failure("`\(name)` is not a valid name for a target", hint: "use letters, digits, and . _ -")
      }
      if case .scalar = value.node {
        targets.append(TargetDefinition(name: name, url: try value.text(), line: value.line ?? 1, options: [:]))
        continue
      }
      let fields = try value.fields(["url", "options", "scope"])
      guard let url = fields["url"] else { throw value.failure("`\(value.path)` has no `url`") }
      var options: [String: String] = [:]
      if let given = fields["options"] {
        for (key, value) in try given.mapping() { options[try key.text()] = try value.text() }
      }
      var target = TargetDefinition(name: name, url: try url.text(), line: url.line ?? 1, options: options)
      if let scope = fields["scope"] { target.scope = try Self.scope(scope) }
      targets.append(target)
    }
    return targets
  }

  static func isName(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isNameByte) }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func formats(_ value: YAMLValue) throws(ConfigurationError) -> [BackupFormat] {
    var formats: [BackupFormat] = []
    for entry in try value.list() {
      let format = try entry.oneOf(BackupFormat.self)
      guard !formats.contains(format) else { throw entry.failure("`\(format.rawValue)` is listed twice in `formats`") }
      formats.append(format)
    }
    if formats.isEmpty {
      throw value.failure("`formats` is empty", hint: "omit the key for native, sql and csv")
    }
    return formats
  }

  private static func plans(_ value: YAMLValue) throws(ConfigurationError) -> [PlanDefinition] {
    var plans: [PlanDefinition] = []
    for entry in try value.list() {
      let fields = try entry.fields(["name", "sql", "rows", "fail"])
      guard let name = fields["name"] else { throw entry.failure("`\(entry.path)` has no `name`") }
      guard let sql = fields["sql"] else { throw entry.failure("`\(entry.path)` has no `sql`") }
      var plan = PlanDefinition(name: try name.text(), sql: try sql.text())
      if plans.contains(where: { $0.name == plan.name }) {
        throw name.failure("`\(value.path)` has two entries named `\(plan.name)`")
      }
      if let rows = fields["rows"] { plan.rows = try rows.count() }
      if let fails = fields["fail"] { plan.fails = try fails.flag() }
      plans.append(plan)
    }
    return plans
  }

  /// A text, or a list of them.
  static func texts(_ value: YAMLValue) throws(ConfigurationError) -> [String] {
    guard case .sequence = value.node else { return [try value.text()] }
    var texts: [String] = []
    for entry in try value.list() { texts.append(try entry.text()) }
    return texts
  }
}

extension ConfigurationError {
  fileprivate init(file: String, yaml: YamlError, text: String) {
    switch yaml {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(file: file, line: mark.line, message: "is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "`\($0)`" }.joined(separator: ", ")
      let again = duplicates.first.flatMap { Self.secondLine(of: $0, in: text, from: context.mark) }
      self.init(file: file, line: again ?? context.mark.line, message: "duplicate key \(names)")
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
      self.init(file: file, line: nil, message: "is not YAML: \(problem)")
    case .no, .memory, .dataCouldNotBeDecoded:
      self.init(file: file, line: nil, message: "is not YAML: \(yaml)")
    }
  }

  /// Where a mapping names a key for the second time: the parser only knows where the mapping begins.
  private static func secondLine(of key: String, in text: String, from begin: Mark) -> Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var hasFirst = false
    for (index, line) in lines.enumerated().dropFirst(begin.line - 1) {
      let indentation = line.prefix { $0 == " " }.count
      let rest = line.dropFirst(indentation)
      guard !rest.isEmpty, !rest.hasPrefix("#") else { continue }
      if indentation < begin.column - 1 { return nil }
      guard indentation == begin.column - 1,
        [key, "\"\(key)\"", "'\(key)'"].contains(where: { rest.hasPrefix($0 + ":") })
      else { continue }
      if hasFirst { return index + 1 }
      hasFirst = true
    }
    return nil
  }
}
