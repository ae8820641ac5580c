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
      settings: job.settings, narrator: narrator, cancellation: cancellation, interactive: job.interactive,
      look: look)
    do throws(BelayError) {
      switch job.work {
      case .doctor: return try Doctor(context: context, access: try access(job, context)).run()
      case .check: return try CheckJob(context: context, access: try access(job, context)).run()
      case .backup(let request):
        return BackupJob(context: context, access: try access(job, context), request: request).run()
      case .verify(let request): return try VerifyJob(context: context, target: job.target, request: request).run()
      case .migrate(let request):
        return Migrate(context: context, access: try access(job, context), request: request).run()
      case .rollback(let request):
        return Rollback(context: context, access: try access(job, context), request: request).run()
      case .restore(let request):
        return Restore(context: context, target: try job.target.required(), request: request).run()
      case .extract(let request):
        let extract = Extract(context: context, request: request, output: .standardOutput)
        guard let filter = request.filter else { return extract.run() }
        return extract.run(filter: filter, access: try access(job, context))
      case .recover(let request): return Recovery(context: context, target: job.target, request: request).run()
      }
    } catch {
      return RunResult(failure: error)
    }
  }

  private func access(_ job: Job, _ context: RunContext) throws(BelayError) -> TargetAccess {
    try context.access(try job.target.required())
  }
}
