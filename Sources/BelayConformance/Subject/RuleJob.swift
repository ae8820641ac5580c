import BelayDrivers
import Foundation

/// The job of a process that tests a driver against one rule.
struct RuleJob: Codable, Sendable {
  let rule: Int
  /// The driver's file, absolute.
  let file: String
  let url: URLTemplate
  let specimen: Specimen
  /// Hide the driver's extensions, to test the host with the core alone.
  let coreOnly: Bool
  /// Report every call.
  let isTraced: Bool
  /// The beginning of the names of the rule's databases.
  let prefix: String

  var driverOptions: [DriverOption] {
    specimen.options.sorted { $0.key < $1.key }.map { DriverOption(key: $0.key, value: $0.value) }
  }

  /// The NAME of `belay-driver-NAME.so`.
  var driverName: String { DriverFileName.name(of: file) ?? file }

  /// A search of the file's own folder only.
  private var search: DriverSearch {
    let folder = URL(filePath: file).deletingLastPathComponent().path(percentEncoded: false)
    return DriverSearch(paths: [folder], environment: [:], executable: "")
  }

  /// Loads the driver as every command does, from a path that nobody else can write to.
  func load(trace: CallTrace? = nil) throws -> Driver {
    var driver = try search.load(named: driverName)
    if coreOnly { driver = driver.coreOnly() }
    return trace.map { driver.traced(by: $0) } ?? driver
  }

  /// The driver's path, if nobody else can write to it.
  func trustedPath() throws -> String {
    for candidate in search.candidates(named: driverName) {
      switch candidate.verdict {
      case .used: return candidate.path
      case .refused(let error): throw error
      case .skipped: continue
      }
    }
    throw Broken("\(file) does not exist")
  }
}
