import BelayBase
import BelayCLI
import BelayDrivers
import BelayProcess
import Foundation
import Testing

@Suite("the worker, at the ends of its pipes", .timeLimit(.minutes(20)))
struct WorkerTests {
  init() { signal(SIGPIPE, SIG_IGN) }

  private let settings = Settings(store: "/store", executable: "/belay")

  private func job(interactive: Bool = false, target: Target? = nil) throws -> [UInt8] {
    let job = Job(.doctor, target: target, settings: settings, interactive: interactive)
    return try EventLine.encode(job) + [UInt8(ascii: "\n")]
  }

  /// Runs a worker in a thread while `front` plays the other side.
  private func run(
    _ work: @escaping Worker.Work, front: (_ commands: PipeEnds, _ events: PipeEnds) throws -> Void
  ) throws -> [Event] {
    let commands = try #require(PipeEnds.open())
    let events = try #require(PipeEnds.open())
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      _ = Worker(work).run(commands: commands.reading, events: events.writing, cancellation: Cancellation())
      close(events.writing)
      done.signal()
    }
    try front(commands, events)
    var told: [Event] = []
    var reader = LineReader(descriptor: events.reading)
    while case .lines(let lines) = reader.next() {
      for line in lines { told.append(try EventLine.decode(Event.self, from: line)) }
    }
    #expect(done.wait(timeout: .now() + 120) == .success)
    return told
  }

  @Test("the first line is the job, and the stream ends in its result")
  func result() throws {
    let told = try run { job, narrator, _ in
      narrator.tell(.run(RunStarted(id: "r", journal: "/j")))
      return RunResult(.done, "store \(job.settings.store)")
    } front: { commands, _ in
      FileBytes.writeAll(try job(), to: commands.writing)
    }
    #expect(told == [.run(RunStarted(id: "r", journal: "/j")), .result(RunResult(.done, "store /store"))])
  }

  @Test("a job in pieces is read as one")
  func pieces() throws {
    let told = try run { _, _, _ in
      RunResult(.done, "x")
    } front: { commands, _ in
      for byte in try job() { FileBytes.writeAll([byte], to: commands.writing) }
    }
    #expect(told == [.result(RunResult(.done, "x"))])
  }

  @Test("an invalid job is reported as a result: wrong usage")
  func noJob() throws {
    let told = try run { _, _, _ in
      RunResult(.done, "x")
    } front: { commands, _ in
      FileBytes.writeAll("{}\n".utf8, to: commands.writing)
    }
    guard case .result(let result) = told.last else {
      Issue.record("no result")
      return
    }
    #expect(result.status == .usage)
  }

  /// Waits until a signal asks to stop, and tells which.
  private static let untilCancelled: Worker.Work = { _, _, cancellation in
    let stopped = DispatchSemaphore(value: 0)
    cancellation.onCancel { stopped.signal() }
    guard stopped.wait(timeout: .now() + 120) == .success else {
      return RunResult(failure: BelayError(.failed, "never"))
    }
    return RunResult(failure: BelayError(.interrupted, "\(cancellation.signal ?? 0)"))
  }

  @Test("the end of the commands means that the front is gone: as if the terminal had been closed")
  func frontGone() throws {
    let told = try run(Self.untilCancelled) { commands, _ in
      FileBytes.writeAll(try job(), to: commands.writing)
      close(commands.writing)
    }
    #expect(told == [.result(RunResult(failure: BelayError(.interrupted, "\(SIGHUP)")))])
  }

  @Test("a cancel command stops the work, with its signal")
  func cancel() throws {
    let told = try run(Self.untilCancelled) { commands, _ in
      FileBytes.writeAll(try job() + Data(#"{"cancel":{"signal":15}}"#.utf8) + [10], to: commands.writing)
    }
    #expect(told == [.result(RunResult(failure: BelayError(.interrupted, "15")))])
  }

  @Test("a question is asked, and its answer is handed on")
  func question() throws {
    let told = try run { _, narrator, _ in
      RunResult(.done, narrator.ask(.code, "code?") ?? "nobody")
    } front: { commands, _ in
      FileBytes.writeAll(try job(interactive: true), to: commands.writing)
      FileBytes.writeAll(try EventLine.encode(Command.answer(Answer(id: 1, text: "C"))) + [10], to: commands.writing)
    }
    #expect(told == [.question(Question(id: 1, kind: .code, text: "code?")), .result(RunResult(.done, "C"))])
  }

  @Test("without a terminal nobody is asked")
  func nobody() throws {
    let told = try run { _, narrator, _ in
      RunResult(.done, narrator.ask(.yesNo, "?") ?? "nobody")
    } front: { commands, _ in
      FileBytes.writeAll(try job(), to: commands.writing)
    }
    #expect(told == [.result(RunResult(.done, "nobody"))])
  }

  @Test("a wait for an answer ends when the front goes")
  func questionAbandoned() throws {
    let told = try run { _, narrator, _ in
      RunResult(failure: BelayError(.interrupted, narrator.ask(.yesNo, "?") ?? "nobody"))
    } front: { commands, _ in
      FileBytes.writeAll(try job(interactive: true), to: commands.writing)
      close(commands.writing)
    }
    #expect(told.last == .result(RunResult(failure: BelayError(.interrupted, "nobody"))))
  }

  @Test("a front that does not read holds up nothing")
  func frontAsleep() throws {
    let said = DispatchSemaphore(value: 0)
    let told = try run { _, narrator, _ in
      for number in 0..<20_000 { narrator.tell(.log(LogLine(.info, "line \(number)"))) }
      said.signal()
      return RunResult(.done, "said")
    } front: { commands, _ in
      FileBytes.writeAll(try job(), to: commands.writing)
      // Nothing is read before the worker has said them all.
      #expect(said.wait(timeout: .now() + 120) == .success)
    }
    #expect(told.count == 20_001)
    #expect(told.last == .result(RunResult(.done, "said")))
  }

  @Test("a front that no longer listens neither kills nor stops the work")
  func deafFront() throws {
    let commands = try #require(PipeEnds.open())
    let events = try #require(PipeEnds.open())
    close(events.reading)
    FileBytes.writeAll(try job(), to: commands.writing)
    let worker = Worker { _, narrator, _ in
      for number in 0..<1000 { narrator.tell(.log(LogLine(.info, "line \(number)"))) }
      narrator.tell(.run(RunStarted(id: "r", journal: "/j")))
      return RunResult(.done, "x")
    }
    let status = worker.run(commands: commands.reading, events: events.writing, cancellation: Cancellation())
    #expect(status == .done)
  }

  @Test("progress is thinned out, but its end is always reported")
  func progress() throws {
    let told = try run { _, narrator, _ in
      for done in 0...1000 {
        narrator.tell(.progress(ProgressUpdate(what: "copying", done: UInt64(done), total: 1000, unit: .rows)))
      }
      return RunResult(.done, "x")
    } front: { commands, _ in
      FileBytes.writeAll(try job(), to: commands.writing)
    }
    #expect(told.count < 500)
    #expect(told.dropLast().last == .progress(ProgressUpdate(what: "copying", done: 1000, total: 1000, unit: .rows)))
  }

  @Test("a folder that cannot be entered is reported, and the work is not begun")
  func noFolder() throws {
    let told = try run { _, _, _ in
      RunResult(.done, "x")
    } front: { commands, _ in
      let target = Target(url: "a:b", folder: "/no/such/folder")
      FileBytes.writeAll(try job(target: target), to: commands.writing)
    }
    guard case .result(let result) = told.last else {
      Issue.record("no result")
      return
    }
    #expect(result.status == .notFound)
    #expect(result.error?.message == "cannot change to the folder /no/such/folder")
  }
}
