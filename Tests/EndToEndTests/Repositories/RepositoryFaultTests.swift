import Foundation
import Testing

/// At each call of rclone something goes wrong while an archive is moved. Where one is stored or renamed two things;
/// at some other calls one; all of them at each call where `BELAY_TEST_ALL_FAULTS` is set, which takes minutes.
@Suite("A repository that goes wrong while an archive is moved there")
struct RepositoryFaultTests {
  @Test(arguments: RemoteStorage.Kind.allCases)
  func `never is an archive said to be stored that is not, and the next try moves it`(kind: RemoteStorage.Kind) throws {
    let storage = try RemoteStorage(kind)
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--verify", "manifest").status == 0)
    let id = try shop.latest()
    let here = shop.store.appending(path: id + ".tar")
    let whole = try Data(contentsOf: here)
    let watched = try WatchedRclone(in: shop.folder)
    let move = ["archive", id, "--to", storage.place]

    let good = try shop.belay(move, environment: storage.environment.merging(watched.environment()) { $1 })
    try #require(good.status == 0, "\(good)")
    let calls = try watched.calls()
    let count = calls.count
    try #require(count > 4)
    let isThorough = ProcessInfo.processInfo.environment["BELAY_TEST_ALL_FAULTS"] != nil
    let all = WatchedRclone.Fault.allCases
    for call in 1...count {
      let isDeed = calls[call - 1].hasPrefix("copyto") || calls[call - 1].hasPrefix("moveto")
      let some = isDeed ? [.lost, .killedAfter] : call.isMultiple(of: 3) ? [all[(call / 3) % all.count]] : []
      for fault in isThorough ? all : some {
        try whole.write(to: here)
        try storage.empty()
        try watched.forget()
        let run = try shop.belay(
          move, environment: storage.environment.merging(watched.environment(call, fault)) { $1 })
        let names = try storage.names()
        let isHere = (try? Data(contentsOf: here)) == whole
        let about = "call \(call) of \(count), \(fault): \(run)\nthere: \(names)"
        // Under its name there is a whole one or none.
        let isThere = names.contains(id + ".tar")
        if isThere { #expect(try storage.content(id + ".tar") == whole, "\(about)") }
        #expect(isHere || isThere, "\(about)")
        if run.status == 0 { #expect(isThere && !isHere, "\(about)") } else { #expect(isHere, "\(about)") }
        guard run.status != 0 else { continue }
        let again = try shop.belay(move, environment: storage.environment)
        #expect(again.status == 0, "\(about)\nagain: \(again)")
        #expect(try storage.content(id + ".tar") == whole, "\(about)")
      }
    }
  }
}
