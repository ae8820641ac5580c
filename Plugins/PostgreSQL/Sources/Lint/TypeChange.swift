/// Whether the rows of a column can stay as they are when its type changes.
struct TypeChange {
  let keepsRows: Bool

  init(_ old: String, _ new: String) {
    let (from, to) = (Self.parts(old), Self.parts(new))
    let strings: Set<String> = ["character varying", "text"]
    if old == new {
      keepsRows = true
    } else if strings.contains(from.base), strings.contains(to.base) {
      keepsRows = to.modifiers.isEmpty || (!from.modifiers.isEmpty && to.modifiers[0] >= from.modifiers[0])
    } else if from.base == to.base, from.base == "numeric" {
      let sameScale = from.modifiers.dropFirst().first ?? 0 == to.modifiers.dropFirst().first ?? 0
      keepsRows =
        to.modifiers.isEmpty || (!from.modifiers.isEmpty && sameScale && to.modifiers[0] >= from.modifiers[0])
    } else if from.base == to.base, ["bit varying"].contains(from.base) || from.base.hasPrefix("time") {
      keepsRows = to.modifiers.isEmpty || (!from.modifiers.isEmpty && to.modifiers[0] >= from.modifiers[0])
    } else {
      keepsRows = from.base == "cidr" && to.base == "inet"
    }
  }

  /// "numeric(10,2)", "timestamp(3) with time zone"
  private static func parts(_ type: String) -> (base: String, modifiers: [Int]) {
    guard let open = type.firstIndex(of: "("), let close = type.firstIndex(of: ")"), open < close else {
      return (type, [])
    }
    let numbers = type[type.index(after: open)..<close].split(separator: ",").compactMap { number in
      Int(number.drop { $0 == " " })
    }
    return (String(type[..<open]) + type[type.index(after: close)...], numbers)
  }
}
