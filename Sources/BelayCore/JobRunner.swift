import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

/// Does one job, telling what it does: the whole of what a worker runs.
package struct JobRunner {
  private let narrator: any Narrator
  private let cancellation: Cancellation
  private let look: DriverLook?

  /// - Parameter look: Tells the schemes of a driver's file that has no record of them.
  package init(narrator: any Narrator, cancellation: Cancellation, look: DriverLook? = nil) {
    self.narrator = narrator
    self.cancellation = cancellation
    self.look = look
  }

  /// Blocks until the job has ended. Never throws: what went wrong is in the result.
  package func run(_ job: Job) -> RunResult {
    let context = RunContext(
      settings: job.settings.about(job.target), narrator: narrator, cancellation: cancellation,
      interactive: job.interactive,
      look: look)
    do throws(BelayError) {
      switch job.work {
      case .doctor: return Doctor(context: context, target: try job.target.required()).run()
      case .check: return try CheckJob(context: context, access: try access(job, context)).run()
      case .status(let request):
        return try MigrationsShown(context: context, access: try access(job, context), request: request).run()
      case .backup(let request):
        return BackupJob(context: context, access: try access(job, context), request: request).run()
      case .archive(let request): return ArchiveJob(context: context, request: request).run()
      case .verify(var request):
        if request.level == .restore {
          request.id = try admission(context, request.trust).admit(
            request.id, acceptingFailed: true, checksSums: false)
        }
        return try VerifyJob(context: context, target: job.target, request: request).run()
      case .migrate(var request):
        if let backup = request.backup, !request.plan {
          request.backup = try admission(context, request.trust).admit(backup, needsAll: true)
        }
        return Migrate(context: context, access: try access(job, context), request: request).run()
      case .guarded(var request):
        if let backup = request.backup, !request.plan {
          request.backup = try admission(context, request.trust).admit(backup, needsAll: true)
        }
        return Guard(context: context, access: try access(job, context), request: request).run()
      case .adopt(let request): return Adopt(context: context, access: try access(job, context), request: request).run()
      case .draftDown(let request):
        return DraftDown(context: context, access: try access(job, context), request: request).run()
      case .journal(let request):
        return RepairJournal(context: context, access: try access(job, context), request: request).run()
      case .rollback(var request):
        if !request.plan { request.id = try admission(context, request.trust).admit(request.id) }
        return Rollback(context: context, access: try access(job, context), request: request).run()
      case .restore(var request):
        request.id = try admission(context, request.trust).admit(request.id, checksSums: false)
        return Restore(context: context, target: try job.target.required(), request: request).run()
      case .tableCopies(let request):
        return TableCopiesJob(context: context, access: try access(job, context), request: request).run()
      case .tableRestore(var request):
        if let backup = request.backup, !request.plan {
          request.backup = try admission(context, request.trust).admit(backup, needsAll: true)
        }
        return TableRestore(context: context, access: try access(job, context), request: request).run()
      case .extract(var request):
        guard let filter = request.filter else {
          return Extract(context: context, request: request, output: .standardOutput).run()
        }
        request.id = try admission(context, request.trust).admit(request.id)
        return Extract(context: context, request: request, output: .standardOutput)
          .run(filter: filter, access: try access(job, context))
      case .diff(let request):
        let diff = Diff(context: context, request: request, output: .standardOutput)
        return request.other == nil ? diff.run(access: try access(job, context)) : diff.run()
      case .rekey(let request): return Rekey(context: context, request: request).run()
      case .recover(let request): return Recovery(context: context, target: job.target, request: request).run()
      }
    } catch {
      return RunResult(failure: error)
    }
  }

  private func admission(_ context: RunContext, _ isTrusted: Bool) -> ArchiveAdmission {
    ArchiveAdmission(context: context, isTrusted: isTrusted)
  }

  private func access(_ job: Job, _ context: RunContext) throws(BelayError) -> TargetAccess {
    try context.access(try job.target.required())
  }
}
