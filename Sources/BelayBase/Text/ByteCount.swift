import Foundation

/// Sizes as people read them.
package enum ByteCount {
  package static func text(_ bytes: UInt64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var index = 0
    while value >= 1000, index < units.count - 1 {
      value /= 1000
      index += 1
    }
    return index == 0 ? "\(bytes) B" : String(format: "%.1f ", value) + units[index]
  }
}
