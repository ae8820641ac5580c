import BelayABI
import BelaySystem
import CBelayDriver
import Glibc
import Synchronization

/// A loaded driver. It stays loaded until the process ends.
package final class Driver: Sendable {
  /// The NAME of `belay-driver-NAME.so`.
  package let id: String
  package let version: String
  /// In lower case.
  package let schemes: [String]
  /// The path as the search found it.
  package let path: String
  /// The driver's optional extensions that this host knows. A connection may still refuse one.
  package let extensionIDs: [String]

  // C's function pointers are not marked Sendable. They never change, and Connection follows the ABI's rules about
  // which threads may call them.
  nonisolated(unsafe) let table: belay_driver
  nonisolated(unsafe) private let extensions: [DriverExtension: UnsafeRawPointer]
  private let file: DriverFile
  let trace: CallTrace?
  private let digest = Mutex<String?>(nil)

  init(file: DriverFile, table: DriverTable) {
    self.file = file
    trace = nil
    self.path = file.path
    self.id = table.id
    self.version = table.version
    self.schemes = table.schemes
    self.table = table.functions
    self.extensions = table.extensions
    self.extensionIDs = DriverExtension.allCases.filter { table.extensions[$0] != nil }.map(\.rawValue)
  }

  private init(_ driver: Driver, hasExtensions: Bool, trace: CallTrace?) {
    file = driver.file
    self.trace = trace
    path = driver.path
    id = driver.id
    version = driver.version
    schemes = driver.schemes
    table = driver.table
    extensions = hasExtensions ? driver.extensions : [:]
    extensionIDs = hasExtensions ? driver.extensionIDs : []
  }

  /// The same driver without its extensions, to test the host's fallbacks.
  package func coreOnly() -> Driver { Driver(self, hasExtensions: false, trace: trace) }

  /// The same driver, whose calls are written down.
  package func traced(by trace: CallTrace) -> Driver { Driver(self, hasExtensions: true, trace: trace) }

  /// 64 hex digits, of the file that was loaded; empty if it can no longer be read. Computed when it is first needed:
  /// hashing a driver of a few megabytes takes longer than loading it.
  package var sha256: String {
    digest.withLock { digest in
      if let digest { return digest }
      let computed = file.sha256()
      digest = computed
      return computed
    }
  }

  /// How long loading a driver may take. Its entry must return within a tenth of a second; the rest is for slow disks.
  package static let entryLimit = Duration.seconds(10)

  /// Loads a file.
  /// - Parameters:
  ///   - name: The driver's name, which must be equal to its id.
  ///   - keys: The keys that may have signed it.
  ///   - onLoad: Called after all checks that do not run any of its code.
  package static func load(
    name: String, path: String, keys: DriverKeys, limit: Duration = Driver.entryLimit,
    onLoad: () -> Void = {}
  ) throws(DriverLoadError) -> Driver {
    let file = try DriverFile(name: name, path: path, keys: keys)
    onLoad()
    // If it never returns, it blocks a thread, but not the host.
    switch TimeLimit.run(limit, { Result { () throws(DriverLoadError) in try load(file) } }) {
    case .done(let loaded): return try loaded.get()
    case .tooLong:
      throw DriverLoadError(
        .hangs, name: file.name, path: file.path,
        message: "driver \(file.name) hangs: loading it took longer than \(limit.components.seconds) s",
        hint: "report this to the driver's author; \(file.path)")
    case .noThread:
      throw DriverLoadError(
        .noThread, name: file.name, path: file.path,
        message: "driver \(file.name) cannot be loaded: the system does not give belay another thread",
        hint: SystemLimit.noThread)
    }
  }

  private static func load(_ file: DriverFile) throws(DriverLoadError) -> Driver {
    let library: SharedLibrary
    do {
      library = try SharedLibrary(path: file.realPath)
    } catch {
      throw DriverLoadError(
        .notLoadable, name: file.name, path: file.path,
        message: "driver \(file.name) cannot be loaded: \(error.reason)",
        hint: hint(for: error.reason, file))
    }
    guard file.isUnchanged else {
      throw DriverLoadError(
        .untrusted, name: file.name, path: file.path,
        message: "driver \(file.name) was replaced while it was being loaded: \(file.path)",
        hint: "run belay again when its installation is done")
    }
    return Driver(file: file, table: try DriverTable(library, of: file))
  }

  private static func hint(for reason: String, _ file: DriverFile) -> String? {
    if reason.hasPrefix("it needs") { return "install that library; ldd \(file.path) lists what it needs" }
    // The loader's words for an address space in which the file has no room.
    let isNoRoom = ["failed to map segment", "cannot map zero-fill", "Cannot allocate memory", "cannot create"]
      .contains { reason.contains($0) }
    return isNoRoom ? SystemLimit.hint(for: ENOMEM) : nil
  }

  /// The version of the ABI that it was built for, e.g. "1.0".
  package var abi: String { "\(BELAY_ABI_MAJOR).\(table.abi_minor)" }

  /// The beginning of one extension; nil if the driver does not have it.
  func head(of id: DriverExtension) -> ExtensionHead? { extensions[id].map { ExtensionHead(reading: $0) } }

  /// The functions of one extension; nil if the driver does not have it.
  func table<T: ExtensionTable>(_ type: T.Type) -> T? { extensions[T.id].map { T(reading: $0) } }
}
