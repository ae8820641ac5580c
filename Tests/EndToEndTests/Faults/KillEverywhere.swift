import Foundation
import Testing

/// A database that can be looked at, put aside, and put back as it was.
protocol KillableShop: BelayFolder {
  /// Everything in it: equal text, equal database.
  func state() throws -> String
  /// The same without what a run always writes anew: the times in the ledger.
  func stateWithoutTimes() throws -> String
  /// Keeps a copy of the database.
  func putAside() throws
  /// Makes the database what it was when it was put aside.
  func putBack() throws
  /// What is wrong with it, or lies beside it and does not belong there.
  func remains() throws -> [String]
}

/// SIGKILL of worker, front and both, before and after every line of the journal: the database is as before or as
/// after, never between, once `belay recover` has run.
///
/// - Parameters:
///   - victims: those of the test, each of which has a call of its own. Each place has one of them in turn, another one in
///     each run of the tests; where `BELAY_TEST_ALL_FAULTS` is set, each of them is killed at every place.
///   - program: nil: belay.
///   - rounds: so many of the kills, others each time, or as many as BELAY_ROUNDS says; nil: all.
///
/// Runs the command once undisturbed to learn how many steps it has and what it leads to; then once per step and side,
/// each time on the same files.
func killEverywhere<Shop: KillableShop>(
  _ victim: String, of victims: [String] = [], _ shop: Shop, program: URL? = nil, rounds: Int? = nil,
  _ prepare: (Shop) throws -> [String]
) throws {
  let program = try program ?? Program.belay()
  let arguments = try prepare(shop)
  let before = try shop.state()
  let saved = SavedFolder(of: shop.folder)
  try saved.save()
  defer { saved.remove() }
  try shop.putAside()

  let undisturbed = try Program.run(program.path, arguments, in: shop.folder)
  let after = try shop.stateWithoutTimes()
  let steps = try journaledSteps(shop)
  try #require(steps > 5, "\(undisturbed)")

  let asked = ProcessInfo.processInfo.environment["BELAY_ROUNDS"].flatMap { Int($0) }
  let all = (0..<steps).flatMap { step in
    ["before", "after"].enumerated().filter { isTurn(of: victim, in: victims, at: step + $0.offset) }
      .map { Kill(victim: victim, step: step, side: $0.element) }
  }
  for kill in rounds.map({ Array(all.shuffled().prefix(asked ?? $0)) }) ?? all {
    try saved.putBack()
    try shop.putBack()
    let run = try Program.run(
      program.path, arguments, in: shop.folder, environment: ["BELAY_FAULT": kill.description])
    try waitForWorker(shop)
    let recovery = try shop.belay("recover")
    let place = "\(kill)\n\(run)\n--- recover\n\(recovery)"
    #expect(recovery.status == 0, "\(place)")
    let state = try shop.state()
    #expect(try state == before || shop.stateWithoutTimes() == after, "\(place)")
    #expect(try shop.remains() == [], "\(place)")
    let left = try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path)
      .filter {
        $0.hasSuffix(".partial") || $0.contains("scratch/") || $0.contains("staging/") || $0.contains(".belay")
      }
    #expect(left == [], "\(place)")
    // 3: no backup had been made.
    #expect(try [0, 3].contains(shop.belay("status").status), "\(place)")
  }
}

private func isTurn(of victim: String, in victims: [String], at place: Int) -> Bool {
  if victims.isEmpty || ProcessInfo.processInfo.environment["BELAY_TEST_ALL_FAULTS"] != nil { return true }
  return victims[(place + firstVictim) % victims.count] == victim
}

/// The same for all calls of one run of the tests.
private let firstVictim = Int.random(in: 0..<6)

/// A folder's content, kept beside it. Put back under the same names: a rollback's code is of the path's identity too.
struct SavedFolder {
  let folder: URL
  private let copy: URL
  private let files = FileManager.default

  init(of folder: URL) {
    self.folder = folder
    copy = folder.appending(path: "../\(folder.lastPathComponent)-saved").standardizedFileURL
  }

  func save() throws { try files.copyItem(at: folder, to: copy) }

  func putBack() throws {
    for name in try files.contentsOfDirectory(atPath: folder.path) {
      try files.removeItem(at: folder.appending(path: name))
    }
    for name in try files.contentsOfDirectory(atPath: copy.path) {
      try files.copyItem(at: copy.appending(path: name), to: folder.appending(path: name))
    }
  }

  func remove() { try? files.removeItem(at: copy) }  // in the system's folder for temporary files
}

func journaledSteps(_ shop: BelayFolder) throws -> Int {
  let runs = shop.store.appending(path: "runs")
  let newest = try #require(
    try FileManager.default.contentsOfDirectory(atPath: runs.path).filter {
      FileManager.default.fileExists(atPath: runs.appending(path: "\($0)/journal.ndjson").path)
    }.max { left, right in
      let dates = try? [left, right].map {
        try FileManager.default.attributesOfItem(atPath: runs.appending(path: $0).path)[.modificationDate] as? Date
      }
      return (dates?[0] ?? .distantPast) < (dates?[1] ?? .distantPast)
    })
  let journal = try String(contentsOf: runs.appending(path: "\(newest)/journal.ndjson"), encoding: .utf8)
  return journal.split(separator: "\n").count
}

/// A worker whose front was killed goes back by itself; its lock says when it is done.
func waitForWorker(_ shop: BelayFolder) throws {
  let locks = shop.store.appending(path: "locks")
  for name in (try? FileManager.default.contentsOfDirectory(atPath: locks.path)) ?? [] {
    _ = try Program.run("/usr/bin/env", ["flock", locks.appending(path: name).path, "true"], in: shop.folder)
  }
}

extension Workspace: KillableShop {
  func state() throws -> String { try sqlite(".dump") }
  func stateWithoutTimes() throws -> String {
    try state().replacing(#/INSERT INTO belay_migrations VALUES\('([^']*)'.*/#) { "ledger \($0.output.1)" }
  }
  /// It lies in the folder, which is kept whole.
  func putAside() {}
  func putBack() {}
  func remains() throws -> [String] {
    let found = try sqlite("PRAGMA integrity_check")
    return found == "ok" ? [] : [found]
  }
}
