import BelayBase
import BelayCLI
import BelayProcess
import DriverTesting
import Foundation
import Glibc
import Testing

@Suite("the front, with real workers that a script plays", .timeLimit(.minutes(20)))
struct FrontTests {
  private let renderer = MemoryRenderer()
  private let signals = SignalPipe()

  init() { Glibc.signal(SIGPIPE, SIG_IGN) }

  private func run(_ scripts: [String], _ work: Job.Work = .doctor, keyboard: Keyboard? = nil) -> RunResult {
    let front = Front(
      renderer: renderer, keyboard: keyboard, signals: signals, start: ScriptedWorker.starting(scripts))
    let settings = Settings(store: "/store", executable: "/belay")
    return front.run(Job(work, target: nil, settings: settings, interactive: keyboard != nil))
  }

  @Test("a worker's result is the front's, and is shown once, last")
  func result() {
    let log = #"echo '{"event":"log","level":"notice","message":"hello"}' >&3"# + "\n"
    let result = run([ScriptedWorker.begin + ScriptedWorker.result(3, "done") + log])
    #expect(result == RunResult(.doneWithWarnings, "done"))
    #expect(renderer.events == [.log(LogLine(.notice, "hello")), .result(result)])
  }

  @Test("a job goes to the worker as one line")
  func job() {
    let script = #"case "$job" in *'"store":"/store"'*'"doctor":{}'*) "# + ScriptedWorker.result(0) + ";; esac"
    #expect(run([ScriptedWorker.begin + script]).status == .done)
  }

  @Test("a worker killed in the middle of a run is followed by one that recovers that run")
  func recovery() {
    let killed = ScriptedWorker.begin + ScriptedWorker.runBegan + "kill -9 $$"
    let recovers =
      ScriptedWorker.begin
      + #"case "$job" in *'"recover":{"_0":{"afterCrash":true,"run":"r1","trust":false}}'*) "#
      + ScriptedWorker.result(30) + ";; esac"
    let result = run([killed, recovers], .migrate(MigrateRequest()))
    #expect(result.status == .migrationFailed)
    #expect(renderer.logged.first == "the worker was killed by signal 9 (Killed) in the middle of run r1")
    #expect(renderer.events.last == .result(result))
  }

  @Test("what a dead worker was about to do, and with which driver, is reported at once and again at the end")
  func lastWords() {
    let words = "driver odd (/odd.so) was at: apply 1.sql"
    let killed = ScriptedWorker.begin + ScriptedWorker.runBegan + "printf '\(words)' >&4; kill -9 $$"
    let result = run([killed, killed], .migrate(MigrateRequest()))
    #expect(renderer.logged.dropFirst().first == words)
    let cause = "when the worker died, \(words)"
    #expect(result.error?.causes.suffix(2) == [cause, cause])
    let early = run([ScriptedWorker.begin + "printf '\(words)' >&4; kill -9 $$"])
    #expect(early.error?.causes == ["when it died, \(words)"])
  }

  @Test("a run that the worker began and had no time to tell of is found by its journal")
  func untoldRun() {
    let recovers =
      ScriptedWorker.begin + #"case "$job" in *'"run":"r2"'*) "# + ScriptedWorker.result(30) + ";; esac"
    let front = Front(
      renderer: renderer, keyboard: nil, signals: signals,
      start: ScriptedWorker.starting([ScriptedWorker.begin + "kill -9 $$", recovers]), openRun: { _ in "r2" })
    let settings = Settings(store: "/store", executable: "/belay")
    let job = Job(.migrate(MigrateRequest()), target: nil, settings: settings, interactive: false)
    #expect(front.run(job).status == .migrationFailed)
  }

  @Test("where the recovery dies too, the status is 40 and `belay recover` is named")
  func recoveryDies() {
    let killed = ScriptedWorker.begin + ScriptedWorker.runBegan + "kill -9 $$"
    let result = run([killed, killed], .migrate(MigrateRequest()))
    #expect(result.status == .notRolledBack)
    #expect(result.error?.hint == "belay recover")
    #expect(result.run == "r1")
  }

  @Test("where no second worker can be started, the status is 40 too")
  func recoveryCannotStart() {
    let result = run([ScriptedWorker.begin + ScriptedWorker.runBegan + "exit 9"], .migrate(MigrateRequest()))
    #expect(result.status == .notRolledBack)
    #expect(result.error?.causes == ["a worker too many"])
  }

  @Test(
    "a worker that dies before a run has begun has touched nothing",
    arguments: [
      (Job.Work.doctor, ExitStatus.refused), (.migrate(MigrateRequest()), .refused),
      (.backup(BackupRequest()), .backupFailed),
      // That says nothing against the archive.
      (.verify(VerifyRequest(id: "a", level: .restore)), .failed),
      (.rollback(RollbackRequest(id: "a")), .failed), (.recover(RecoverRequest()), .notRolledBack),
    ])
  func diesEarly(work: Job.Work, status: ExitStatus) {
    let result = run([ScriptedWorker.begin + "kill -11 $$"], work)
    #expect(result.status == status)
    #expect(result.error?.message.contains("signal 11") == true)
  }

  @Test("a dead worker is noticed though a child of it holds its pipe")
  func childHoldsPipe() {
    let clock = ContinuousClock()
    let took = clock.measure {
      let result = run([ScriptedWorker.begin + "sleep 120 & exit 7"])
      #expect(result.error?.message == "the worker exited with status 7 and left no result")
    }
    #expect(took < soon)
  }

  @Test("a signal is sent to the worker, which ends the run", arguments: [SIGINT, SIGTERM, SIGHUP])
  func stopped(number: Int32) {
    signals.send(number)
    let script =
      ScriptedWorker.begin + "read -r command\n"
      + #"case "$command" in '{"cancel":{"signal":\#(number)}}') "# + ScriptedWorker.result(130) + ";; esac"
    #expect(run([script]).status == .interrupted)
    #expect(renderer.logged.first?.hasPrefix("stopping on ") == true)
  }

  @Test("after a second signal, belay says that the rollback is not interrupted")
  func secondSignal() {
    signals.send(SIGINT)
    signals.send(SIGINT)
    let script = ScriptedWorker.begin + "read -r a\nread -r b\n" + ScriptedWorker.result(130)
    #expect(run([script], .migrate(MigrateRequest())).status == .interrupted)
    #expect(renderer.logged.count == 2)
    #expect(renderer.logged.last?.hasPrefix("the rollback is not interrupted") == true)
  }

  @Test(
    "a question is answered from the keyboard",
    arguments: [
      ("yesNo", ["yes\n"], "yes"), ("yesNo", ["Yes\n"], "yes"), ("yesNo", ["y\n"], "yes"), ("yesNo", [" Y \n"], "yes"),
      ("yesNo", ["no\n"], "no"), ("yesNo", ["NO\n"], "no"), ("yesNo", ["n\n"], "no"), ("yesNo", ["\n"], "no"),
      // What is neither is asked again: a no may throw away hours of work.
      ("yesNo", ["ye\n", "yes\n"], "yes"), ("yesNo", ["yse\n", "1\n", "N\n"], "no"),
      ("code", [" ROLLBACK_1\n"], "ROLLBACK_1"), ("code", ["yes\n"], "yes"),
    ])
  func question(kind: String, typed: [String], answer: String) throws {
    let prompts = MemoryOutput()
    let keys = try #require(PipeEnds.open())
    defer { keys.close() }
    // Types once the question is there.
    var lines = typed[...]
    prompts.afterWrite = { if let line = lines.popFirst() { FileBytes.writeAll(line.utf8, to: keys.writing) } }
    let script =
      ScriptedWorker.begin + #"echo '{"event":"question","id":4,"kind":"\#(kind)","text":"sure?"}' >&3"#
      + "\nread -r command\n"
      + #"case "$command" in *'"id":4,"text":"\#(answer)"'*) "# + ScriptedWorker.result(0) + ";; esac"
    let result = run([script], keyboard: Keyboard(descriptor: keys.reading, prompts: prompts))
    #expect(result.status == .done)
    #expect(prompts.text.hasPrefix("sure?"))
    #expect(prompts.text.components(separatedBy: "type yes or no: ").count == typed.count)
  }

  @Test("at the keyboard's end a question is answered with no")
  func endOfKeys() throws {
    let keys = try #require(PipeEnds.open())
    close(keys.writing)
    defer { close(keys.reading) }
    let script =
      ScriptedWorker.begin + #"echo '{"event":"question","id":1,"kind":"yesNo","text":"?"}' >&3"#
      + "\nread -r command\n" + #"case "$command" in *'"text":"no"'*) "# + ScriptedWorker.result(0) + ";; esac"
    #expect(run([script], keyboard: Keyboard(descriptor: keys.reading, prompts: MemoryOutput())).status == .done)
  }

  @Test("a signal while a question is open goes to the worker, and the question is dropped")
  func signalAtQuestion() throws {
    let prompts = MemoryOutput()
    let keys = try #require(PipeEnds.open())
    defer { keys.close() }
    var isAsked = false
    prompts.afterWrite = { [signals] in
      if !isAsked { signals.send(SIGINT) }
      isAsked = true
    }
    let script =
      ScriptedWorker.begin + #"echo '{"event":"question","id":1,"kind":"yesNo","text":"?"}' >&3"#
      + "\nread -r command\n" + #"case "$command" in *cancel*) "# + ScriptedWorker.result(130) + ";; esac"
    let result = run([script], keyboard: Keyboard(descriptor: keys.reading, prompts: prompts))
    #expect(result.status == .interrupted)
  }

  @Test("a line that is no event is shown as a warning, and the run goes on")
  func garbage() {
    let result = run([ScriptedWorker.begin + "echo garbage >&3\n" + ScriptedWorker.result(0)])
    #expect(result.status == .done)
    #expect(renderer.logged == ["unreadable message from the worker: garbage"])
  }

  @Test("a worker has a process group of its own, which Ctrl+C at the terminal does not reach")
  func processGroup() {
    let script = "set -- $(cat /proc/$$/stat)\n[ $5 = $$ ] && " + ScriptedWorker.result(0)
    #expect(run([ScriptedWorker.begin + script]).status == .done)
  }

  @Test("a worker is not born with signals blocked or ignored")
  func signalMask() {
    // SIGHUP, SIGINT, SIGPIPE and SIGTERM.
    let script = #"""
      for set in SigBlk SigIgn; do
        bits=0x$(sed -n "s/^$set:[[:space:]]*//p" /proc/$$/status)
        [ $((bits & 0x5003)) = 0 ] || exit 9
      done

      """#
    #expect(run([ScriptedWorker.begin + script + ScriptedWorker.result(0)]).status == .done)
  }

  @Test("a worker that cannot be started is an error")
  func notStarted() {
    let front = Front(renderer: renderer, keyboard: nil, signals: signals) { _ throws(BelayError) in
      try WorkerProcess.start(executable: "/no/such/file", arguments: ["x"], dataOnStandardOutput: false)
    }
    let settings = Settings(store: "/store", executable: "/belay")
    let result = front.run(Job(.doctor, target: nil, settings: settings, interactive: false))
    #expect(result.status == .failed)
    #expect(result.error?.causes == ["No such file or directory"])
  }
}
