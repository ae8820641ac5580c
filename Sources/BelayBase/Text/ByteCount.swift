import Foundation

/// Sizes as people read them.
package enum ByteCount {
  package static func text(_ bytes: UInt64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var index = 0
    // 999,950 bytes would be printed as 1000.0 kB.
    while value >= (index == 0 ? 1000 : 999.95), index < units.count - 1 {
      value /= 1000
      index += 1
    }
    return index == 0 ? "\(bytes) B" : String(format: "%.1f ", value) + units[index]
  }
}
