import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("The lock of a driver that has none")
struct LockTests {
  @Test("the row in belay's own table excludes others, names its holder, and says how to get rid of it")
  func row() throws {
    let file = try ConformanceSubject.faultyFile.get()
    let place = URL(filePath: file).deletingLastPathComponent().path
    let driver = try DriverSearch(paths: [place], environment: [:], executable: "").load(named: "faulty").coreOnly()
    let (folder, operation) = (try TemporaryFolder(), BelayDrivers.Operation())
    let url = "faulty:" + folder("app")
    let holder = try driver.open(url, options: [.create], operation: operation)
    let other = try driver.open(url, operation: operation)
    try holder.lock("belay", operation: operation)
    let error = try #require(
      #expect(throws: DriverError.self) { try other.lock("belay", operation: operation) })
    #expect(error.code == .busy)
    #expect(error.outcome == .notApplied)
    #expect(error.message.hasPrefix("lock belay is held by process "), "\(error.message)")
    #expect(error.message.contains(" since 20"), "\(error.message)")
    #expect(error.hint?.contains("DELETE FROM \"belay_lock\" WHERE \"name\" = 'belay'") == true)
    try other.lock("another", operation: operation)
    try holder.unlock("belay", operation: operation)
    try other.lock("belay", operation: operation)
  }
}
