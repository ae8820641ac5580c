import BelayABI
import CBelayDriver

/// Which extensions the exported driver has: those whose protocols its connection type conforms to.
enum ExtensionTables {
  static func table(for feature: DriverExtension) -> UnsafeRawPointer? {
    guard let type = DriverPort.connectionType, has(feature, type) else { return nil }
    return switch feature {
    case .script: UnsafeRawPointer(script)
    case .snapshot: UnsafeRawPointer(snapshot)
    case .rows: UnsafeRawPointer(rows)
    case .token: UnsafeRawPointer(token)
    case .scratch: UnsafeRawPointer(scratch)
    case .rewind: UnsafeRawPointer(rewind)
    case .atomic: UnsafeRawPointer(atomic)
    case .lock: UnsafeRawPointer(lock)
    case .sessions: UnsafeRawPointer(sessions)
    case .explain: UnsafeRawPointer(explain)
    case .lint: UnsafeRawPointer(lint)
    case .integrity: UnsafeRawPointer(integrity)
    case .preflight: UnsafeRawPointer(preflight)
    case .footprint: UnsafeRawPointer(footprint)
    case .reset: UnsafeRawPointer(reset)
    case .surroundings: UnsafeRawPointer(surroundings)
    case .archived: UnsafeRawPointer(archived)
    }
  }

  private static func has(_ feature: DriverExtension, _ type: any DriverConnection.Type) -> Bool {
    switch feature {
    case .script: type is any ScriptSplitting.Type
    case .snapshot: type is any Snapshotting.Type
    case .rows: type is any RowTransferring.Type
    case .token: type is any TokenSharing.Type
    case .scratch: type is any ScratchMaking.Type
    case .rewind: type is any Rewinding.Type
    case .atomic: type is any AtomicRunning.Type
    case .lock: type is any Locking.Type
    case .sessions: type is any SessionListing.Type
    case .explain: type is any Explaining.Type
    case .lint: type is any Linting.Type
    case .integrity: type is any IntegrityChecking.Type
    case .preflight: type is any PreflightChecking.Type
    case .footprint: type is any FootprintReading.Type
    case .reset: type is any SessionResetting.Type
    case .surroundings: type is any SurroundingsReading.Type
    case .archived: type is any ArchivedRunning.Type
    }
  }
}
