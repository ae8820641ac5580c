import DriverTesting
import Foundation
import Testing

@testable import BelayDrivers

@Suite("Examples for authors of drivers")
struct ExampleTests {
  @Test("the minimal driver is built by its one command, and loads")
  func minimal() throws {
    let folder = try TemporaryFolder()
    let sources = Compiler.repository + "/Plugins/Examples/minimal/"
    for file in ["minimal.c", "entries.h", "Makefile"] { _ = try folder.copy(sources + file, to: file) }
    try Compiler.run("make", ["-s", "-C", folder.path, "ABI=\(Compiler.repository)/Sources/CBelayDriver"])
    let driver = try DriverSearch(paths: [folder.path], environment: [:], executable: "/nowhere/bin/belay")
      .load(named: "minimal")
    #expect(driver.schemes == ["minimal"])
    #expect(driver.extensionIDs == [])
  }
}
