import BelayABI
import CBelayDriver

/// One extension's struct, as C knows it.
protocol ExtensionTable: SizedStruct {
  static var id: DriverExtension { get }
  /// The functions that 1.0 requires in addition to probe, by name; false if the driver lacks one.
  var slots: [(name: String, isFilled: Bool)] { get }
}

/// The beginning of all extensions (`BELAY_EXT_HEAD`), read through the shortest of them.
typealias ExtensionHead = belay_script

extension belay_script: ExtensionTable {
  static var id: DriverExtension { .script }
  var slots: [(name: String, isFilled: Bool)] { [("split", split != nil)] }
}

extension belay_snapshot: ExtensionTable {
  static var id: DriverExtension { .snapshot }
  var slots: [(name: String, isFilled: Bool)] {
    [("formats", formats != nil), ("dump", dump != nil), ("verify", verify != nil), ("restore", restore != nil)]
  }
}

extension belay_rows: ExtensionTable {
  static var id: DriverExtension { .rows }
  var slots: [(name: String, isFilled: Bool)] { [("read", read != nil), ("load", load != nil)] }
}

extension belay_token: ExtensionTable {
  static var id: DriverExtension { .token }
  var slots: [(name: String, isFilled: Bool)] {
    [("acquire", acquire != nil), ("adopt", adopt != nil), ("release", release != nil)]
  }
}

extension belay_scratch: ExtensionTable {
  static var id: DriverExtension { .scratch }
  var slots: [(name: String, isFilled: Bool)] {
    [("create", create != nil), ("promote", promote != nil), ("drop", drop != nil), ("locate", locate != nil)]
  }
}

extension belay_rewind: ExtensionTable {
  static var id: DriverExtension { .rewind }
  var slots: [(name: String, isFilled: Bool)] {
    [("mark", mark != nil), ("at", at != nil), ("rewind", rewind != nil)]
  }
}

extension belay_atomic: ExtensionTable {
  static var id: DriverExtension { .atomic }
  var slots: [(name: String, isFilled: Bool)] { [("run", run != nil)] }
}

extension belay_lock: ExtensionTable {
  static var id: DriverExtension { .lock }
  var slots: [(name: String, isFilled: Bool)] { [("acquire", acquire != nil), ("release", release != nil)] }
}

extension belay_sessions: ExtensionTable {
  static var id: DriverExtension { .sessions }
  var slots: [(name: String, isFilled: Bool)] { [("list", list != nil), ("terminate", terminate != nil)] }
}

extension belay_explain: ExtensionTable {
  static var id: DriverExtension { .explain }
  var slots: [(name: String, isFilled: Bool)] { [("explain", explain != nil)] }
}

extension belay_lint: ExtensionTable {
  static var id: DriverExtension { .lint }
  var slots: [(name: String, isFilled: Bool)] { [("lint", lint != nil)] }
}

extension belay_integrity: ExtensionTable {
  static var id: DriverExtension { .integrity }
  var slots: [(name: String, isFilled: Bool)] { [("check", check != nil)] }
}

extension belay_preflight: ExtensionTable {
  static var id: DriverExtension { .preflight }
  var slots: [(name: String, isFilled: Bool)] { [("check", check != nil)] }
}

extension belay_footprint: ExtensionTable {
  static var id: DriverExtension { .footprint }
  var slots: [(name: String, isFilled: Bool)] { [("read", read != nil)] }
}

extension belay_reset: ExtensionTable {
  static var id: DriverExtension { .reset }
  var slots: [(name: String, isFilled: Bool)] {
    [("reset", reset != nil), ("seam", seam != nil), ("place", place != nil)]
  }
}

extension belay_surroundings: ExtensionTable {
  static var id: DriverExtension { .surroundings }
  var slots: [(name: String, isFilled: Bool)] { [("read", read != nil)] }
}

extension belay_archived: ExtensionTable {
  static var id: DriverExtension { .archived }
  var slots: [(name: String, isFilled: Bool)] { [("execute", execute != nil)] }
}
