import Foundation

/// A value as one line of JSON with its line end: for files that only grow, and for programs that read line by line. Its
/// members are in the order of their names, so that equal values are equal lines.
package enum JSONLine {
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }
}
