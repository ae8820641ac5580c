import BelayBase
import BelayDrivers

/// Rules that the catalog answers.
extension CheckCall {
  func exists(_ objects: [String]) throws(Unmeasured) -> Measurement {
    var missing: [String] = []
    var hint: String?
    for name in objects {
      do throws(Unmeasured) {
        _ = try relation(name)
      } catch .missing(_, let near) {
        missing.append(name)
        hint = hint ?? near
      } catch {
        // Several of that name are there all the same, but a schema that cannot be read says nothing.
        _ = try subject.catalog(operation())
      }
    }
    guard !missing.isEmpty else {
      return Measurement(
        .none, figure: Counted.text(objects.count, "table"), threshold: Counted.text(objects.count, "table"),
        number: CheckResult.Number(0, most: 0))
    }
    var found = Measurement(
      .by(Double(missing.count)), figure: "no \(missing.joined(separator: ", "))",
      threshold: Counted.text(objects.count, "table"), number: CheckResult.Number(Double(missing.count), most: 0))
    found.hint = hint
    return found
  }

  func indexExists(_ table: String, _ index: IndexedBy) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let objects = try subject.catalog(operation()).objects
      .filter { $0.parent == relation.object.name && $0.schema == relation.object.schema }
    let indexes = objects.compactMap { TableIndex($0) }
    switch index {
    case .name(let name):
      if let found = indexes.first(where: { $0.name.lowercased() == name.lowercased() }) {
        return Measurement(isThere: true, figure: found.name)
      }
      var missing = Measurement(isThere: false, figure: "no index \(name) of \(relation.label)")
      missing.hint = NearestName.to(name, among: indexes.map(\.name)).map { "did you mean \($0)?" }
      return missing
    case .columns(let typed):
      var names: [String] = []
      for name in typed { names.append((try relation.column(name)?.name ?? name).lowercased()) }
      if let found = indexes.first(where: { $0.begins(with: names) }) {
        return Measurement(isThere: true, figure: found.name)
      }
      if relation.key.prefix(names.count).map({ $0.lowercased() }) == names {
        return Measurement(isThere: true, figure: "the primary key")
      }
      return Measurement(isThere: false, figure: "no index that begins with \(typed.joined(separator: ", "))")
    }
  }

  func column(_ wanted: CheckedColumn) throws(Unmeasured) -> Measurement {
    let relation = try relation(wanted.table)
    guard let object = try relation.column(wanted.name) else {
      throw .broken(BelayError(.checkFailed, "the driver does not tell the columns of the view \(relation.label)"))
    }
    let isNullable = !object.flags.contains(.notNull)
    var flaws = 0
    if let type = wanted.type, !Self.isType(object.nativeType, type) { flaws += 1 }
    if let nullable = wanted.isNullable, nullable != isNullable { flaws += 1 }
    func text(_ type: String?, _ nullable: Bool?) -> String {
      let parts = [type, nullable.map { $0 ? "nullable" : "NOT NULL" }].compactMap(\.self).filter { !$0.isEmpty }
      return parts.isEmpty ? "that it exists" : parts.joined(separator: ", ")
    }
    return Measurement(
      flaws == 0 ? .none : .by(Double(flaws)),
      figure: text(object.nativeType.isEmpty ? "no type" : object.nativeType, isNullable),
      threshold: text(wanted.type, wanted.isNullable), number: CheckResult.Number(Double(flaws), most: 0))
  }

  /// `varchar` is also `varchar(100)`, but `varchar(50)` is not.
  private static func isType(_ type: String, _ wanted: String) -> Bool {
    func words(_ text: String) -> String {
      text.lowercased().split { $0 == " " || $0 == "\t" }.joined(separator: " ").replacing(" (", with: "(").replacing(
        ", ", with: ",")
    }
    let (type, wanted) = (words(type), words(wanted))
    if type == wanted { return true }
    guard !wanted.contains("("), let open = type.firstIndex(of: "("), let close = type[open...].firstIndex(of: ")")
    else { return false }
    // What stands behind the parentheses is of the type too: timestamp(3) with time zone, int(10) unsigned.
    return String(type[..<open] + type[type.index(after: close)...]) == wanted
  }
}
