import Foundation
import Testing

@Suite("Encrypted archives, on SQLite")
struct EncryptionTests {
  private static let wrong = "the key does not open"

  @Test("a backup shows nothing to others; it is checked without the key, and restored with any recipient's")
  func backup() throws {
    let shop = try EncryptedShop()
    try shop.encrypts("[\(shop.recipient), \(try shop.key("second.txt"))]")
    let run = try shop.folder.belay("backup", "shop")
    try #require(run.status == 0, "\(run)")
    let id = try shop.folder.latest()
    let archive = shop.folder.store.appending(path: id + ".tar")
    #expect(try String(decoding: Data(contentsOf: archive), as: UTF8.self).contains("CREATE TABLE") == false)
    #expect(try shop.folder.belay("list").output.contains(id))
    #expect(try shop.folder.belay("show", id).output.contains("for      \(shop.recipient)"))
    #expect(try shop.folder.belay("verify", id, "--level", "manifest").status == 0)

    try shop.key("other.txt")
    for arguments in [
      ["verify", id], ["verify", id, "--level", "restore"], ["restore", id, "--into", "sqlite:copy.db"],
      ["extract", id, "--table", "orders"], ["diff", id, "shop"], ["rollback", id],
    ] {
      let without = try shop.folder.belay(arguments)
      #expect(without.status == 12 && without.errors.contains("no key was given"), "\(arguments) \(without)")
      let with = try shop.folder.belay(arguments + ["--identity", "other.txt"])
      #expect(with.status == 12 && with.errors.contains(Self.wrong), "\(arguments) \(with)")
      #expect(!FileManager.default.fileExists(atPath: shop.folder.folder.appending(path: "copy.db").path))
    }
    for name in ["key.txt", "second.txt"] {
      let copy = shop.folder.folder.appending(path: "copy-\(name).db")
      let restored = try shop.folder.belay("restore", id, "--into", "sqlite:\(copy.path)", "--identity", name)
      #expect(restored.status == 0, "\(restored)")
      #expect(try shop.folder.dump(copy) == shop.folder.dump())
    }
    let extracted = try shop.folder.belay(
      "extract", id, "--table", "customers", environment: ["BELAY_IDENTITY_FILE": "second.txt"])
    #expect(extracted.output.contains("c20@example.org"), "\(extracted)")
    // What was wrong with the keys was nothing wrong with the archive.
    #expect(try !shop.folder.belay("show", id).output.contains("FAILED"))
  }

  @Test("an archive that is cut short, or whose members have changed places, is damaged: that is found without the key")
  func damaged() throws {
    let shop = try EncryptedShop()
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    let archive = shop.folder.store.appending(path: try shop.folder.latest() + ".tar")
    let good = try Data(contentsOf: archive)
    _ = try Program.run(
      "/bin/sh",
      [
        "-ec",
        """
        mkdir x; tar xf "$0" -C x; mv x/csv/orders.csv.zst.age o; mv x/csv/customers.csv.zst.age x/csv/orders.csv.zst.age
        mv o x/csv/customers.csv.zst.age; tar cf swapped.tar -C x $(tar tf "$0")
        """, archive.path,
      ], in: shop.folder.folder)
    let swapped = try Data(contentsOf: shop.folder.folder.appending(path: "swapped.tar"))
    for bad in [good.prefix(good.count / 2), swapped] {
      try bad.write(to: archive)
      for arguments in [["--level", "manifest"], ["--identity", "key.txt"]] {
        let run = try shop.folder.belay(["verify", "latest"] + arguments)
        #expect(run.status == 21, "\(arguments) \(run)")
      }
    }
  }

  @Test("age that dies in the middle fails the backup, and nothing is left of it")
  func ageDies() throws {
    let shop = try EncryptedShop()
    let path = try shop.standIn(decrypting: "head -c 500 > /dev/null; kill -9 $$")
    let run = try shop.folder.belay("backup", "shop", environment: path)
    #expect(run.status == 20 && run.errors.contains("age was killed by signal 9"), "\(run)")
    #expect(try shop.folder.listing(shop.folder.store).filter { $0.contains(".tar") } == [])
  }

  @Test("a key without recipients encrypts nothing, which is said")
  func noRecipients() throws {
    let shop = try EncryptedShop()
    try shop.folder.write(
      "targets:\n  shop: sqlite:shop.db\nencryption:\n  identity_file: key.txt\n", to: "belay.yaml")
    let run = try shop.folder.belay("backup", "shop", "--verify", "manifest")
    #expect(run.status == 0 && run.errors.contains("the backup is not encrypted"), "\(run)")
    let typed = try shop.folder.belay("backup", "shop", "--verify", "manifest", "--recipient", shop.recipient)
    #expect(typed.status == 0 && !typed.errors.contains("not encrypted"), "\(typed)")
  }

  @Test("age that is missing is said before anything is done")
  func noAge() throws {
    let shop = try EncryptedShop()
    let run = try shop.folder.belay("backup", "shop", environment: ["PATH": "/nowhere"])
    #expect(run.status == 22 && run.errors.contains("age is not installed"), "\(run)")
    #expect(try shop.folder.listing(shop.folder.store).filter { $0.contains(".tar") } == [])
  }
}

@Suite("belay rekey, on SQLite")
struct RekeyTests {
  @Test("the archive opens with the new key and not with the old one, and holds the same; it is still the store's own")
  func rekeyed() throws {
    let shop = try EncryptedShop()
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    let new = try shop.key("new.txt")
    let id = try shop.folder.latest()
    let without = try shop.folder.belay("rekey", id, "--recipient", new)
    #expect(without.status == 12 && without.errors.contains("no key was given"), "\(without)")
    // As an editor on Windows writes it.
    let second = try shop.key("second.txt")
    try shop.folder.write("\u{FEFF}# two keys\r\n\(new)\r\n\(second)\r\n", to: "two.txt")
    let run = try shop.folder.belay("rekey", id, "--recipients-file", "two.txt", "--identity", "key.txt")
    #expect(try shop.folder.belay("show", id).output.contains("for      \(second)"))
    #expect(run.status == 0, "\(run)")
    #expect(try shop.folder.belay("verify", id, "--identity", "key.txt").status == 12)
    #expect(try shop.folder.belay("show", id).output.contains("read  good"))
    let proven = try shop.folder.belay("verify", id, "--level", "restore", "--identity", "new.txt")
    #expect(proven.status == 0, "\(proven)")
    let copy = shop.folder.folder.appending(path: "copy.db")
    #expect(try shop.folder.belay("restore", id, "--into", "sqlite:copy.db", "--identity", "new.txt").status == 0)
    #expect(try shop.folder.dump(copy) == shop.folder.dump())
    #expect(try shop.folder.listing(shop.folder.store).filter { $0.contains(".tar") } == ["\(id).tar"])
    #expect(try shop.folder.belay("log", "--verify").status == 0)
  }

  @Test("an archive that was not encrypted is; and what a killed one has left is in nobody's way")
  func encrypted() throws {
    let shop = try EncryptedShop()
    try shop.folder.write("targets:\n  shop: sqlite:shop.db\n", to: "belay.yaml")
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    let id = try shop.folder.latest()
    try #require(try shop.folder.belay("rekey", id).status == 64)
    try shop.folder.write("half", to: "backups/\(id).tar.partial")
    try shop.folder.folder(of: "backups/runs/\(id)/rekey/member-1", "half")
    let run = try shop.folder.belay("rekey", id, "--recipient", shop.recipient)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.folder.belay("verify", id).status == 12)
    #expect(try shop.folder.belay("verify", id, "--identity", "key.txt").status == 0)
    #expect(try shop.folder.listing(shop.folder.store).filter { $0.contains(".tar") } == ["\(id).tar"])
  }
}

@Suite("An encrypted archive whose manifest is encrypted too, on SQLite")
struct SealedManifestTests {
  @Test("without a key nobody reads a table's name, and it is listed, checked and kept; with one it is as any other")
  func sealed() throws {
    let shop = try EncryptedShop()
    let before = try shop.folder.dump()
    let run = try shop.folder.belay("backup", "shop", "--encrypt-manifest")
    try #require(run.status == 0, "\(run)")
    let id = try shop.folder.latest()
    let archive = shop.folder.store.appending(path: id + ".tar")
    let bytes = String(decoding: try Data(contentsOf: archive), as: UTF8.self)
    for word in ["customers", "orders", "totals", "CREATE"] { #expect(!bytes.contains(word), "\(word)") }
    #expect(try shop.folder.belay("list").output.contains("tables encrypted"))
    #expect(try !shop.folder.belay("show", id).output.contains("customers"))
    #expect(try shop.folder.belay("status").output.contains(": formats encrypted  "))
    #expect(try shop.folder.belay("show", id, "--identity", "key.txt").output.contains("csv/customers.csv.zst.age"))
    #expect(try shop.folder.belay("verify", id, "--level", "manifest").status == 0)
    #expect(try shop.folder.belay("prune", "--confirm").status == 0)
    try shop.key("other.txt")
    for arguments in [
      ["verify", id], ["verify", id, "--level", "restore"], ["restore", id, "--into", "sqlite:copy.db"],
      ["extract", id, "--table", "orders"], ["diff", id, "shop"], ["rollback", id],
    ] {
      for key in [[], ["--identity", "other.txt"]] {
        let refused = try shop.folder.belay(arguments + key)
        #expect(refused.status == 12, "\(arguments) \(refused)")
      }
    }
    let shown = try shop.folder.belay("show", id, "--identity", "other.txt")
    #expect(shown.status == 12 && shown.errors.contains("the key does not open"), "\(shown)")
    let unusable = try shop.folder.belay("show", id, "--identity", "nowhere.txt")
    #expect(unusable.status == 10 && !unusable.errors.contains("damaged"), "\(unusable)")
    for level in ["manifest", "read", "restore"] {
      #expect(try shop.folder.belay("verify", id, "--level", level, "--identity", "key.txt").status == 0)
    }
    #expect(try shop.folder.belay("restore", id, "--into", "sqlite:copy.db", "--identity", "key.txt").status == 0)
    #expect(try shop.folder.dump(shop.folder.folder.appending(path: "copy.db")) == before)

    // A check that needs what is encrypted is not passed over.
    try shop.encrypts(
      shop.recipient, more: "checks:\n  - shrank: {table: orders, percent: 10}\n")
    #expect(try shop.folder.belay("check", "shop").status == 31)
    #expect(try shop.folder.belay("check", "shop", environment: ["BELAY_IDENTITY_FILE": "key.txt"]).status == 0)

    // Its README says how, without belay.
    let byHand = try Program.run(
      "/bin/bash",
      [
        "-euo", "pipefail", "-c",
        """
        mkdir hand; cd hand; cp ../key.txt KEY.txt; tar xf "$0"; sha256sum -c --quiet SHA256SUMS
        sed -n '/To decrypt all/,/ done$/p' README.txt | grep '^    ' > decrypt.sh; bash -euo pipefail decrypt.sh
        zstd -q -d full_backup.db.zst -o restored.db
        """, archive.path,
      ], in: shop.folder.folder)
    #expect(byHand.status == 0, "\(byHand)")
    #expect(try shop.folder.dump(shop.folder.folder.appending(path: "hand/restored.db")) == before)

    try shop.encrypts(shop.recipient, identity: "key.txt\n  encrypt_manifest: true")
    try shop.folder.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
    #expect(try shop.folder.belay("migrate", "shop", "--yes", "--no-rehearse").status == 30)
    #expect(try shop.folder.dump() == before)
    let rekeyed = try shop.folder.belay("rekey", id, "--recipient", shop.key("new.txt"))
    #expect(rekeyed.status == 0 && rekeyed.errors.contains("its manifest too"), "\(rekeyed)")
    #expect(try shop.folder.belay("verify", id, "--level", "restore", "--identity", "new.txt").status == 0)
    // Also where nothing but the archive says so.
    try shop.encrypts(shop.recipient)
    let again = try shop.folder.belay("rekey", id, "--identity", "new.txt")
    #expect(again.status == 0, "\(again)")
    #expect(try !String(decoding: Data(contentsOf: archive), as: UTF8.self).contains("customers"))
  }
}
