/// `belay-driver-NAME.so`: the name of a driver's file.
package enum DriverFileName {
  private static let prefix = "belay-driver-"
  private static let suffix = ".so"
  /// The prefix that SwiftPM adds to the name of a library that it builds.
  private static let buildPrefix = "lib"

  package static func of(_ name: String) -> String { prefix + name + suffix }

  /// The name of the SwiftPM product.
  static func built(_ name: String) -> String { buildPrefix + of(name) }

  /// The name of the driver in a file.
  /// - Parameters:
  ///   - path: The file's path, or its name alone.
  ///   - isBuilt: Also accept the file name that SwiftPM gives to a product.
  /// - Returns: nil if this is not the name of a driver's file.
  package static func name(of path: String, isBuilt: Bool = false) -> String? {
    var file = path.split(separator: "/").last ?? path[...]
    if isBuilt, file.hasPrefix(buildPrefix + prefix) { file = file.dropFirst(buildPrefix.count) }
    guard file.hasPrefix(prefix), file.hasSuffix(suffix), file.utf8.count > prefix.utf8.count + suffix.utf8.count
    else { return nil }
    let name = String(file.dropFirst(prefix.count).dropLast(suffix.count))
    return DriverName.isValid(name) ? name : nil
  }
}
