import BelayCore
import Foundation

/// How events, jobs and commands look on the pipes between front and worker, and on stdout with `--json`: one line of
/// JSON each, without its line end.
package enum EventLine {
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(line))
  }
}
