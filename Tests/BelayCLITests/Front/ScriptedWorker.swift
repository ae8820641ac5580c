import BelayBase
import BelayCLI

/// A worker whose part a shell script plays, as a real process: the job comes on its stdin, events go to descriptor 3.
struct ScriptedWorker {
  /// Reads the job, which a script then has in `$job`.
  static let begin = "read -r job\n"
  static let runBegan = #"echo '{"event":"run","id":"r1","journal":"/j"}' >&3"# + "\n"
  static func result(_ status: Int, _ summary: String = "s") -> String {
    #"echo '{"event":"result","status":\#(status),"summary":"\#(summary)","output":[]}' >&3"# + "\n"
  }

  /// Starts one script after the other, one for each worker that the front asks for.
  static func starting(_ scripts: [String]) -> Front.Start {
    var rest = scripts[...]
    return { _ throws(BelayError) in
      guard let script = rest.popFirst() else { throw BelayError(.failed, "a worker too many") }
      return try WorkerProcess.start(
        executable: "/bin/sh", arguments: ["sh", "-c", script], dataOnStandardOutput: false)
    }
  }
}
