import DriverTesting

@testable import BelayDrivers

/// The drivers of this suite, each built once.
enum BuiltDrivers {
  private static let folder = Result { try TemporaryFolder() }

  private static let rogueFile = Result {
    try Compiler.build("Tests/BelayDriversTests/Drivers/rogue.c", to: folder.get()("belay-driver-rogue.so"))
  }

  private static let soundFile = Result {
    try Compiler.build(
      "Tests/BelayDriversTests/Drivers/load.c", to: folder.get()("belay-driver-sound.so"),
      flags: ["-DID=\"sound\"", "-DSCHEMES=\"sound sound+x\""])
  }

  /// Misbehaves on demand.
  static func rogue() throws -> Driver {
    _ = try rogueFile.get()
    return try DriverSearch(paths: [folder.get().path], environment: [:], executable: "/nowhere/bin/belay")
      .load(named: "rogue")
  }

  /// The path of a driver that loads, and does nothing.
  static func sound() throws -> String { try soundFile.get() }

  /// Builds load.c with these flags into a folder of its own, as the driver "broken".
  static func build(_ flags: [String], in folder: TemporaryFolder) throws -> String {
    try Compiler.build(
      "Tests/BelayDriversTests/Drivers/load.c", to: folder("belay-driver-broken.so"), flags: flags)
  }

  /// Builds a driver that loads, and does nothing, for URLs of these schemes.
  @discardableResult
  static func build(_ name: String, schemes: String, _ flags: [String] = [], in folder: TemporaryFolder) throws
    -> String
  {
    try Compiler.build(
      "Tests/BelayDriversTests/Drivers/load.c", to: folder("belay-driver-\(name).so"),
      flags: ["-DID=\"\(name)\"", "-DSCHEMES=\"\(schemes)\""] + flags)
  }

  /// A search of one folder.
  static func search(_ folder: TemporaryFolder) -> DriverSearch {
    DriverSearch(paths: [folder.path], environment: [:], executable: "/nowhere/bin/belay")
  }

  /// What loading the driver of this name throws; nil where it loads.
  static func refusal(of name: String = "broken", in folder: TemporaryFolder) -> DriverLoadError? {
    do {
      _ = try search(folder).load(named: name)
      return nil
    } catch {
      return error
    }
  }
}
