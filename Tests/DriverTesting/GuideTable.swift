import Foundation
import Testing

/// A table in a page of docs/ that is made by the tests, between two markers.
package struct GuideTable {
  /// From the root of the tree.
  let file: String
  let marker: String

  package init(file: String, marker: String) { (self.file, self.marker) = (file, marker) }

  /// The page holds these lines; with BELAY_WRITE_GUIDE set it is written so (`scripts/support`).
  package func expect(_ lines: [String]) throws {
    let path = "\(Compiler.repository)/\(file)"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let (begin, end) = ("<!-- \(marker): begin -->\n", "<!-- \(marker): end -->")
    let start = try #require(page.firstRange(of: begin)?.upperBound, "\(file) has no \(begin)")
    let stop = try #require(page.firstRange(of: end)?.lowerBound, "\(file) has no \(end)")
    let made = "\n" + lines.joined(separator: "\n") + "\n\n"
    if ProcessInfo.processInfo.environment["BELAY_WRITE_GUIDE"] != nil {
      try (page[..<start] + made + page[stop...]).write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      #expect(page[start..<stop] == made, "\(file) is not up to date: run scripts/support")
    }
  }
}
