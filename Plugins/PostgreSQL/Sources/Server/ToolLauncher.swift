import BelayDriverKit
import CPostgreSQL
import Glibc

/// Starts PostgreSQL's own programs for a connection, so that they connect to the same server.
///
/// Secrets go into the environment, or into a file that only this user can read, never into arguments, which everybody
/// on the machine can see.
struct ToolLauncher {
  let tools: Tools
  /// The application name of the programs' sessions.
  let applicationName: String
  private let server: PinnedServer
  private let stopFlag: StopFlag
  private let operation: Operation
  /// For secrets for which there is no environment variable.
  private let serviceFile: PrivateFile?

  init(
    _ connection: PostgreSQLConnection, dump head: DumpHead? = nil, _ operation: Operation
  ) throws(DriverFailure) {
    guard !connection.link.isLost else {
      throw DriverFailure(.io, "the connection to the server is lost", hint: "open the database again")
    }
    tools = try Tools.fitting(
      server: PQserverVersion(connection.link.handle), least: head?.leastVersion ?? 0,
      folder: connection.settings.toolsDirectory, operation: operation)
    server = try PinnedServer(connection.link)
    stopFlag = connection.stopFlag
    self.operation = operation
    applicationName = "belay \(getpid())-\(PQbackendPID(connection.link.handle))"
    let others = server.secrets.filter { $0.keyword != "password" }
    if others.isEmpty {
      serviceFile = nil
    } else {
      let file = try PrivateFile(in: connection.scratchFolder, prefix: "belay-service")
      try file.write("[belay]\n" + others.map { "\($0.keyword)=\($0.value)\n" }.joined())
      serviceFile = file
    }
  }

  /// Starts a program that only reads a dump.
  func start(_ program: String, _ arguments: [String]) throws(DriverFailure) -> ChildProcess {
    try ChildProcess(
      ToolCommand(path: tools.path(program), arguments: arguments, environment: ToolEnvironment.plain),
      stopFlag: stopFlag, operation)
  }

  /// Starts a program that connects to the database.
  func startConnected(_ program: String, _ arguments: [String]) throws(DriverFailure) -> ChildProcess {
    var environment = ToolEnvironment.plain + ["PGAPPNAME=\(applicationName)"]
    var words = server.conninfo()
    if let password = server.secrets.last(where: { $0.keyword == "password" })?.value {
      environment.append("PGPASSWORD=\(password)")
    }
    if let serviceFile {
      environment.append("PGSERVICEFILE=\(serviceFile.path)")
      words += " service='belay'"
    }
    return try ChildProcess(
      ToolCommand(
        path: tools.path(program), arguments: ["--no-password", "--dbname=\(words)"] + arguments,
        environment: environment),
      stopFlag: stopFlag, operation)
  }

  /// Starts a program that works in a session of belay's own.
  func start(_ program: String, _ arguments: [String], in session: LentSession) throws(DriverFailure) -> ChildProcess {
    let words =
      server.words.filter { ["dbname", "user"].contains($0.keyword) } + [
        ("host", session.folder), ("port", LentSession.port),
      ]
    return try ChildProcess(
      ToolCommand(
        path: tools.path(program),
        arguments: ["--no-password", "--dbname=\(PinnedServer.conninfo(words))"] + arguments,
        environment: ToolEnvironment.plain + ["PGAPPNAME=\(applicationName)"]),
      stopFlag: stopFlag, operation)
  }
}
