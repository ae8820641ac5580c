import Foundation
import Testing

@Suite("Bad drivers: named, explained, and nothing opened")
struct BadDriverTests {
  private func expectRefusal(_ shop: Workspace, _ says: String, _ place: String = "drivers") throws {
    let run = try shop.belay("backup", "odd:shop.db", "--driver-path", place)
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains(says), "\(says) is not in \(run)")
    #expect(run.errors.contains("belay-driver-odd.so"), "\(run)")
    #expect(try shop.listing(shop.folder).filter { $0.contains(".tar") } == [])
  }

  private func shop(_ driver: String? = nil, source: String? = nil) throws -> Workspace {
    let shop = try Workspace()
    try FileManager.default.createDirectory(
      at: shop.folder.appending(path: "drivers"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o755])
    if let driver { try shop.write(driver, to: "drivers/belay-driver-odd.so") }
    if let source {
      try shop.write(source, to: "odd.c")
      let cc = try Program.run(
        "/usr/bin/env", ["cc", "-shared", "-fPIC", "-o", "drivers/belay-driver-odd.so", "odd.c"], in: shop.folder)
      try #require(cc.status == 0, "\(cc)")
    }
    return shop
  }

  @Test("a file that is no shared object")
  func notELF() throws { try expectRefusal(try shop("#!/bin/sh\necho hello\n"), "not an ELF file") }

  @Test("a shared object without the symbol")
  func noSymbol() throws { try expectRefusal(try shop(source: "int answer(void) { return 42; }"), "belay_driver_v1") }

  @Test("a driver of another major version of the ABI")
  func otherMajor() throws {
    try expectRefusal(try shop(source: "const void *belay_driver_v2(const void *h) { return h; }"), "version")
  }

  @Test("a driver that others can write to")
  func writable() throws {
    let shop = try shop(source: "int answer(void) { return 42; }")
    let path = shop.folder.appending(path: "drivers/belay-driver-odd.so").path
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
    try expectRefusal(shop, "is not trusted")
  }
}
