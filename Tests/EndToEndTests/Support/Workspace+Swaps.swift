import DriverTesting
import Foundation
import Testing

/// The shop in an engine that swaps, renders its dumps and has others' sessions: `Drivers/swaps.c`.
extension Workspace {
  /// One of this process, gone with it.
  private static var driverFolder: URL {
    FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: "belay-e2e-driver-\(getpid())")
  }

  private static let drivers = Result {
    let folder = driverFolder
    atexit { try? FileManager.default.removeItem(at: Workspace.driverFolder) }  // the system's folder for such files
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let builds = [
      ("swaps", "swaps", []), ("plain", "plain", []), ("plain", "plain-rows", ["-DROWS"]),
      ("plain", "guarded", ["-DGUARDED"]),
    ]
    for (name, build, flags) in builds {
      try Compiler.build(
        "Tests/EndToEndTests/Drivers/\(name).c", to: folder.appending(path: "\(build).so").path,
        flags: flags + ["-lsqlite3"])
    }
    return folder
  }

  /// A shop with that driver in its belay.yaml.
  static func swapping(schema: String = Workspace.shop, configuration: String = "") throws -> Workspace {
    try Workspace.behind("swaps", schema: schema, configuration: configuration)
  }

  /// A shop behind the plain driver, which has the mandatory core alone; or that and belay.rows/1.
  static func plain(withRows: Bool = false, more: String = "") throws -> Workspace {
    try Workspace.behind("plain", build: withRows ? "plain-rows" : "plain", schema: Workspace.shop + more)
  }

  /// A shop behind a driver that opens nothing without a password and an option. belay.yaml has them, for the database
  /// `shop` and for one named `copy` that is not there yet; the password is in the environment.
  static func guarded() throws -> (shop: Workspace, environment: [String: String]) {
    let shop = try Workspace.behind("guarded", schema: Workspace.shop)
    let targets = ["shop", "copy"].map {
      """
        \($0):
          url: guarded://belay:${SHOP_PASSWORD}@\($0).db
          options:
            tenant: blue

      """
    }
    try shop.write("targets:\n\(targets.joined())driver_path: drivers\n", to: "belay.yaml")
    return (shop, ["SHOP_PASSWORD": "s3cret"])
  }

  private static func behind(
    _ driver: String, build: String? = nil, schema: String, configuration: String = ""
  ) throws -> Workspace {
    let shop = try Workspace(schema: schema)
    let drivers = shop.folder.appending(path: "drivers")
    try FileManager.default.createDirectory(
      at: drivers, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try FileManager.default.copyItem(
      at: Self.drivers.get().appending(path: "\(build ?? driver).so"),
      to: drivers.appending(path: "belay-driver-\(driver).so"))
    try shop.write(
      "targets:\n  shop: \(driver):shop.db\ndriver_path: drivers\n\(configuration)\n", to: "belay.yaml")
    return shop
  }

  /// The driver's calls, in their order.
  func calls() throws -> [String] {
    let file = folder.appending(path: "shop.db.calls")
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// Files beside the database that are databases of belay's making.
  func beside() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix("shop.db-") && !$0.hasSuffix(".calls") }.sorted()
  }

  /// The code that a rollback to an archive wants.
  func code(for id: String, environment: [String: String] = [:]) throws -> String {
    let plan = try belay("rollback", id, environment: environment)
    return String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
  }

  /// Backs up, and goes back to an archive.
  func rollback(_ id: String, _ options: String..., environment: [String: String] = [:]) throws -> Program.Outcome {
    let arguments = ["rollback", id, "--yes", "--confirm", try code(for: id, environment: environment)] + options
    return try Program.run(Program.belay().path, arguments, in: folder, environment: environment)
  }
}
