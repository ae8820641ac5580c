import Foundation
import Testing

extension BelayFolder {
  /// Takes the newest archive apart, changes it, and puts it together again under the same name.
  /// - Parameters:
  ///   - script: of bash, in the folder of the members. `../names` lists them in their order.
  ///   - transform: of their names, as tar takes it.
  func changeLatest(_ script: String, transform: String = "s,x,x,") throws {
    let id = try latest()
    let steps = """
      set -e
      mkdir parts && cd parts
      tar xf ../backups/\(id).tar
      tar tf ../backups/\(id).tar > ../names
      \(script)
      tar cf ../backups/\(id).tar --format=pax -P --transform '\(transform)' --no-recursion -T ../names
      """
    let outcome = try Program.run("/bin/bash", ["-c", steps], in: folder)
    try #require(outcome.status == 0, "\(outcome)")
  }
}
