/// `belay-driver-NAME.so`: what a driver's file is called.
package enum DriverFileName {
  private static let prefix = "belay-driver-"
  private static let suffix = ".so"
  /// What SwiftPM puts before the name of a library that it builds.
  private static let buildPrefix = "lib"

  package static func of(_ name: String) -> String { prefix + name + suffix }

  /// As SwiftPM calls the product.
  static func built(_ name: String) -> String { buildPrefix + of(name) }

  /// The name of the driver in a file.
  /// - Parameters:
  ///   - path: The file's path, or its name alone.
  ///   - isBuilt: The name that SwiftPM gives to a product is taken too.
  /// - Returns: nil where no driver's file is called like that.
  package static func name(of path: String, isBuilt: Bool = false) -> String? {
    var file = path.split(separator: "/").last ?? path[...]
    if isBuilt, file.hasPrefix(buildPrefix + prefix) { file = file.dropFirst(buildPrefix.count) }
    guard file.hasPrefix(prefix), file.hasSuffix(suffix), file.utf8.count > prefix.utf8.count + suffix.utf8.count
    else { return nil }
    let name = String(file.dropFirst(prefix.count).dropLast(suffix.count))
    return DriverName.isValid(name) ? name : nil
  }
}
