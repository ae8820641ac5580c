import Foundation
import Testing

/// The driver opens nothing without a password and an option, which only belay.yaml and the environment hold.
@Suite("A target with secrets and driver options")
struct GuardedTargetTests {
  private func backedUp() throws -> (shop: Workspace, environment: [String: String]) {
    let (shop, environment) = try Workspace.guarded()
    let backup = try shop.belay("backup", "shop", environment: environment)
    try #require([0, 3].contains(backup.status), "\(backup)")
    return (shop, environment)
  }

  /// Cut off in the middle of `restore --into copy`, with front and worker gone.
  private func cutOff(_ arguments: [String]) throws -> (shop: Workspace, environment: [String: String]) {
    let (shop, environment) = try backedUp()
    let run = try shop.belay(
      ["restore", "latest"] + arguments, environment: environment.merging(["BELAY_FAULT": "kill-both:1:after"]) { $1 })
    try #require(run.status == 137, "\(run)")
    try shop.statusWithoutRunning()
    try #require(try shop.belay("status").status == 11)
    return (shop, environment)
  }

  @Test func `a restore into one by name is recovered after front and worker are gone`() throws {
    let (shop, environment) = try cutOff(["--into", "copy"])
    let recovery = try shop.belay("recover", environment: environment)
    #expect(recovery.status == 0, "\(recovery)")
    #expect(recovery.errors.contains("guarded://belay:***@copy.db"), "\(recovery)")
    // No run is open; the other target of belay.yaml has no backup.
    #expect(try shop.belay("status").status == 3)
    try FileManager.default.removeItem(at: shop.folder.appending(path: "copy.db"))
    let again = try shop.belay("restore", "latest", "--into", "copy", environment: environment)
    #expect(again.status == 0, "\(again)")
    #expect(try shop.sqlite("SELECT count(*) FROM orders", on: shop.folder.appending(path: "copy.db")) == "100")
  }

  @Test func `so it is from another folder of the project, and the store holds neither secret nor option`() throws {
    let (shop, environment) = try cutOff(["--into", "copy"])
    let held = try FileManager.default.subpathsOfDirectory(atPath: shop.store.path).filter { name in
      let bytes = FileManager.default.contents(atPath: shop.store.appending(path: name).path) ?? Data()
      return ["s3cret", "blue"].contains { bytes.range(of: Data($0.utf8)) != nil }
    }
    #expect(held == [])
    let recovery = try Program.run(
      Program.belay().path, ["recover"], in: shop.folder.appending(path: "migrations"), environment: environment)
    #expect(recovery.status == 0, "\(recovery)")
  }

  @Test func `without its variable, and by a bare URL, recovery says what it lacks and changes nothing`() throws {
    let (shop, environment) = try cutOff(["--into", "copy"])
    let unset = try shop.belay("recover")
    #expect(unset.status == 64, "\(unset)")
    #expect(unset.errors.contains("SHOP_PASSWORD"), "\(unset)")
    // The target has lost its name: nobody knows its secret then but a person.
    try shop.write("driver_path: drivers\n", to: "belay.yaml")
    let nameless = try shop.belay("recover", environment: environment)
    #expect(nameless.status == 64, "\(nameless)")
    #expect(nameless.errors.contains("--target"), "\(nameless)")
    #expect(try shop.belay("status").status == 11)
    try shop.write(
      """
      targets:
        renamed:
          url: guarded://belay:${SHOP_PASSWORD}@copy.db
          options:
            tenant: blue
      driver_path: drivers

      """, to: "belay.yaml")
    let named = try shop.belay("recover", "--target", "renamed", environment: environment)
    #expect(named.status == 0, "\(named)")
  }

  @Test func `one target that cannot be resolved keeps no other run from being recovered`() throws {
    let (shop, environment) = try cutOff(["--into", "copy"])
    _ = try shop.belay(
      "restore", "latest", "--into", "shop", "--table", "log",
      environment: environment.merging(["BELAY_FAULT": "kill-both:1:after"]) { $1 })
    try shop.statusWithoutRunning()
    try #require(try shop.belay("status").output.split(separator: "\n").count { $0.contains("interrupted") } == 2)
    try shop.write(
      """
      targets:
        shop:
          url: guarded://belay:${SHOP_PASSWORD}@shop.db
          options:
            tenant: blue
      driver_path: drivers

      """, to: "belay.yaml")
    let recovery = try shop.belay("recover", environment: environment)
    #expect(recovery.status == 64, "\(recovery)")
    #expect(try shop.belay("status").output.split(separator: "\n").count { $0.contains("interrupted") } == 1)
  }

  @Test func `archives of it are verified and rolled back to by its name`() throws {
    let (shop, environment) = try backedUp()
    let plan = try shop.belay("rollback", "latest", environment: environment)
    #expect([0, 12].contains(plan.status), "\(plan)")
    try shop.write("driver_path: drivers\n", to: "belay.yaml")
    let nameless = try shop.belay("rollback", "latest", environment: environment)
    #expect(nameless.status == 64, "\(nameless)")
    #expect(nameless.errors.contains("--target"), "\(nameless)")
  }
}
