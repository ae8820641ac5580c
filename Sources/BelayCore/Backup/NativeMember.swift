import BelayArchive
import BelayDrivers
import SystemPackage

/// The engine's own dump, streamed into its member.
struct NativeMember: Sendable {
  private let context: RunContext
  private let access: TargetAccess
  private let member: MemberWriter?
  private let writer: ArchiveWriter
  private let isChecked: Bool
  private let format: DumpFormat?
  private let scratch: String

  init(backup: Backup, context: RunContext, writer: ArchiveWriter, format: DumpFormat?) throws(BelayError) {
    self.context = context
    access = backup.access
    self.writer = writer
    isChecked = backup.checksDump
    self.format = format
    scratch = backup.context.store.runFolder(backup.id).appending("scratch").string
    do {
      member = try format.map {
        try writer.member(MemberName.native(fileExtension: $0.fileExtension), kind: .native, format: $0.name)
      }
    } catch {
      throw BelayError(any: error, doing: "cannot begin the native dump", status: .backupFailed)
    }
  }

  /// On a thread and a connection of its own; nil where there is nothing to dump or no view to share.
  func start(token: String?) -> SideThread<Void>? {
    guard let token, member != nil else { return nil }
    return SideThread { () throws(BelayError) in
      do throws(BelayError) {
        let connection = try access.open(scratch: .init(scratch), operation: context.stoppable())
        defer { connection.close() }
        do throws(DriverError) {
          try connection.adopt(token: token, operation: context.stoppable())
        } catch {
          throw BelayError(error, doing: "cannot share the instant", status: .backupFailed)
        }
        try write(from: connection, token: token)
      } catch {
        context.cancellation.cancel(signal: nil)
        throw error
      }
    }
  }

  func write(from connection: Connection, token: String?) throws(BelayError) {
    guard let member, let format else { return }
    do {
      try connection.dump(
        format.name, token: token, operation: context.stoppable("native dump"), into: { try member.write($0) })
      try member.finish()
      try check(member, format, with: connection)
    } catch {
      throw BelayError(any: error, doing: "the native dump (\(format.name)) failed", status: .backupFailed)
    }
  }

  /// The engine's own check of what was stored, while the rows are still on their way.
  private func check(_ member: MemberWriter, _ format: DumpFormat, with connection: Connection) throws {
    guard isChecked else { return }
    let source = try writer.source(of: member)
    do {
      try connection.verifyDump(
        format.name, operation: context.stoppable("checking the dump"), from: { try source.read(into: $0) })
    } catch {
      throw BelayError(
        any: error, doing: "the native dump does not pass the engine's own check", status: .verificationFailed)
    }
  }
}
