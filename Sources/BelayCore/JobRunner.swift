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
        let target = try target(job, archive: request.id, context)
        return Rollback(context: context, access: try context.access(target), request: request).run()
      case .restore(let request): return Restore(context: context, request: request).run()
      case .extract(let request):
        let extract = Extract(context: context, request: request, output: .standardOutput)
        guard let filter = request.filter else { return extract.run() }
        let target = try target(job, archive: request.id, context)
        return extract.run(filter: filter, access: try context.access(target))
      case .recover(let request): return Recovery(context: context, target: job.target, request: request).run()
      }
    } catch {
      return RunResult(failure: error)
    }
  }

  private func access(_ job: Job, _ context: RunContext) throws(BelayError) -> TargetAccess {
    guard let target = job.target else {
      throw BelayError(.usage, "no target", hint: "give a URL or a name in belay.yaml")
    }
    return try context.access(target)
  }

  /// The job's, else the database that the archive was made of, by the URL in its manifest.
  private func target(_ job: Job, archive id: String, _ context: RunContext) throws(BelayError) -> Target {
    if let target = job.target { return target }
    let record = try context.store.resolve(id).open().manifest.target
    return Target(name: record.name, url: record.url, folder: record.folder)
  }
}
