import BelayABI
import BelayRows
import CBelayDriver
import Glibc

/// The table that a driver's symbol returns, checked against the ABI's rules before any of its functions is called.
struct DriverTable {
  let id: String
  let version: String
  let schemes: [String]
  let functions: belay_driver
  let extensions: [DriverExtension: UnsafeRawPointer]

  private typealias Entry = @convention(c) (UnsafePointer<belay_host>?) -> UnsafePointer<belay_driver>?
  private static let entryName = "belay_driver_v\(BELAY_ABI_MAJOR)"

  init(_ library: SharedLibrary, of file: DriverFile) throws(DriverLoadError) {
    guard let symbol = library.symbol(Self.entryName) else { throw Self.noEntry(library, file) }
    let entry = unsafeBitCast(symbol, to: Entry.self)
    guard let pointer = entry(HostTable.shared) else {
      throw DriverLoadError(
        .malformed, name: file.name, path: file.path,
        message: "driver \(file.name) does not accept this belay: its entry returned NULL",
        hint: "it may need a newer belay; this one supports ABI \(BELAY_ABI_MAJOR).\(BELAY_ABI_MINOR)")
    }
    do throws(Malformed) {
      functions = belay_driver(reading: UnsafeRawPointer(pointer))
      try Self.checkCore(functions)
      id = try Self.name("id", functions.id)
      version = try Self.name("version", functions.version)
      schemes = try Self.schemes(functions)
      if id != file.name { throw Malformed("its id is \(id), but its file name says \(file.name)") }
      extensions = try Self.extensions(functions)
    } catch {
      throw DriverLoadError(
        .malformed, name: file.name, path: file.path, message: "driver \(file.name) is malformed: \(error.reason)",
        hint: "report this to the driver's author; \(file.path)")
    }
  }

  private struct Malformed: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private static func noEntry(_ library: SharedLibrary, _ file: DriverFile) -> DriverLoadError {
    // There will be fewer than nine major versions; each costs a look-up in a hash table.
    for major in 0...9 where major != Int(BELAY_ABI_MAJOR) && library.symbol("belay_driver_v\(major)") != nil {
      return DriverLoadError(
        .otherVersion, name: file.name, path: file.path,
        message: "driver \(file.name) is for ABI version \(major), but this belay supports version \(BELAY_ABI_MAJOR)",
        hint: major > Int(BELAY_ABI_MAJOR) ? "a newer belay is needed" : "a newer driver is needed")
    }
    return DriverLoadError(
      .noSymbol, name: file.name, path: file.path,
      message: "\(file.path) is not a belay driver: it has no symbol \(entryName)")
  }

  /// Everything up to catalog must be filled in.
  private static func checkCore(_ functions: belay_driver) throws(Malformed) {
    let needed = (MemoryLayout<belay_driver>.offset(of: \.catalog) ?? 0) + MemoryLayout<UnsafeRawPointer>.size
    guard functions.struct_size >= needed else {
      throw Malformed("struct_size is \(functions.struct_size), too small for the core's \(needed) bytes")
    }
    let slots: [(String, Bool)] = [
      ("id", functions.id != nil), ("version", functions.version != nil),
      ("url_schemes", functions.url_schemes != nil), ("open", functions.open != nil),
      ("close", functions.close != nil), ("describe", functions.describe != nil),
      ("execute", functions.execute != nil), ("query", functions.query != nil), ("catalog", functions.catalog != nil),
    ]
    if let missing = slots.first(where: { !$0.1 }) { throw Malformed("\(missing.0) is NULL") }
  }

  private static func name(_ slot: String, _ pointer: UnsafePointer<CChar>?) throws(Malformed) -> String {
    guard let pointer else { throw Malformed("\(slot) is NULL") }
    let length = strnlen(pointer, Border.longestName)
    guard length > 0, length < Border.longestName else { throw Malformed("\(slot) is empty or too long") }
    let bytes = UnsafeRawBufferPointer(start: pointer, count: length)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("\(slot) is not UTF-8") }
    return text
  }

  private static func schemes(_ functions: belay_driver) throws(Malformed) -> [String] {
    let schemes = try name("url_schemes", functions.url_schemes).split(separator: " ").map { $0.lowercased() }
    if schemes.isEmpty { throw Malformed("url_schemes is empty or too long") }
    if let bad = schemes.first(where: { !URLScheme.isValid($0) }) {
      throw Malformed("url_schemes contains \(bad), which is not a scheme")
    }
    return schemes
  }

  private static func extensions(
    _ functions: belay_driver
  ) throws(Malformed) -> [DriverExtension: UnsafeRawPointer] {
    guard let ask = functions.extension else { return [:] }
    var found: [DriverExtension: UnsafeRawPointer] = [:]
    for id in DriverExtension.allCases {
      guard let pointer = ask(id.rawValue) else { continue }
      let slots = [("probe", ExtensionHead(reading: pointer).probe != nil)] + slots(of: id, at: pointer)
      if let missing = slots.first(where: { !$0.1 })?.0 { throw Malformed("\(missing) of \(id.rawValue) is NULL") }
      found[id] = pointer
    }
    return found
  }

  private static func slots(of id: DriverExtension, at pointer: UnsafeRawPointer) -> [(String, Bool)] {
    switch id {
    case .script: belay_script(reading: pointer).slots
    case .snapshot: belay_snapshot(reading: pointer).slots
    case .rows: belay_rows(reading: pointer).slots
    case .token: belay_token(reading: pointer).slots
    case .scratch: belay_scratch(reading: pointer).slots
    case .rewind: belay_rewind(reading: pointer).slots
    case .atomic: belay_atomic(reading: pointer).slots
    case .lock: belay_lock(reading: pointer).slots
    case .sessions: belay_sessions(reading: pointer).slots
    case .explain: belay_explain(reading: pointer).slots
    case .lint: belay_lint(reading: pointer).slots
    case .integrity: belay_integrity(reading: pointer).slots
    case .preflight: belay_preflight(reading: pointer).slots
    case .footprint: belay_footprint(reading: pointer).slots
    case .reset: belay_reset(reading: pointer).slots
    case .surroundings: belay_surroundings(reading: pointer).slots
    case .archived: belay_archived(reading: pointer).slots
    }
  }
}
