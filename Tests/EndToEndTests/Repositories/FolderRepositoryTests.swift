import Foundation
import Testing

@Suite("A repository that is a folder")
struct FolderRepositoryTests {
  @Test func `a copy has its own proofs, and its damage is not that of the archive`() throws {
    let shop = try Workspace()
    let nas = shop.folder.appending(path: "nas")
    try FileManager.default.createDirectory(at: nas, withIntermediateDirectories: true)
    try shop.write("targets: { shop: 'sqlite:shop.db' }\nrepositories: { nas: nas }\n", to: "belay.yaml")
    try #require(try shop.belay("backup", "shop").status == 0)
    let id = try shop.latest()
    let copy = nas.appending(path: id + ".tar")
    var bytes = try Data(contentsOf: copy)
    #expect(try Data(contentsOf: shop.store.appending(path: id + ".tar")) == bytes)
    let good = try shop.belay("list", "--repository", "nas")
    #expect(good.status == 0 && good.output.contains("restore, "), "\(good)")

    // In the last member, so that the list still reads the manifest.
    bytes[bytes.count - 2048] ^= 0xff
    try bytes.write(to: copy)
    let verify = try shop.belay("verify", id, "--level", "manifest", "--repository", "nas")
    #expect(verify.status == 21, "\(verify)")
    #expect(try shop.belay("list", "--repository", "nas").output.contains("FAILED"))
    let here = try shop.belay("list")
    #expect(here.output.contains("restore, ") && !here.output.contains("FAILED"), "\(here)")

    // What is there is not replaced, and nothing is removed here.
    let move = try shop.belay("archive", id, "--to", "nas")
    #expect(move.status == 1 && move.errors.contains("with other content"), "\(move)")
    #expect(try Data(contentsOf: copy) == bytes)
    #expect(try shop.latest() == id)
    try FileManager.default.removeItem(at: copy)
    let again = try shop.belay("archive", id, "--to", "nas")
    #expect(again.status == 0, "\(again)")
    #expect(try shop.belay("verify", id, "--level", "read", "--repository", "nas").status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: nas.path) == [id + ".tar"])
    #expect(try shop.belay("list", "--repository", "./not-mounted").status == 10)
    // By the way of a link it is the store itself.
    try #require(try shop.belay("backup", "sqlite:shop.db", "--verify", "manifest").status == 0)
    try FileManager.default.createSymbolicLink(
      at: shop.folder.appending(path: "link"), withDestinationURL: shop.store)
    let same = try shop.belay("archive", "latest", "--to", "./link")
    #expect(same.status == 1 && same.errors.contains("is the store itself"), "\(same)")
  }
}
