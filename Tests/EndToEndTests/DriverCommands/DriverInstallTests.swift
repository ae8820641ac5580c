import DriverTesting
import Foundation
import Testing

/// What a record says of a driver's URLs.
private struct RecordedSchemes: Decodable {
  struct Entry: Decodable { let schemes: [String] }
  let installed: Entry
}

@Suite("Installing and removing drivers")
struct DriverInstallTests {
  private let machine: DriverFolder

  init() throws { machine = try DriverFolder() }

  private var files: [String] {
    get throws {
      let folder = URL(filePath: machine.installed).deletingLastPathComponent()
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
  }

  @Test("a driver is installed with a record, replaced with the one before kept, and removed without a trace")
  func life() throws {
    let first = try machine.driver("install", machine.build(version: "1"))
    #expect(first.status == 0, "\(first)")
    #expect(first.output == machine.installed + "\n")
    #expect(try machine.version() == "1")
    #expect(try files == ["belay-driver-broken.so", "belay-driver-broken.so.json"])
    let record = try String(contentsOfFile: machine.installed + ".json", encoding: .utf8)
    #expect(record.contains("\"version\" : \"1\"") && record.contains("/built/belay-driver-broken.so"), "\(record)")
    let schemes = try JSONDecoder().decode(RecordedSchemes.self, from: Data(record.utf8))
    #expect(schemes.installed.schemes == ["broken"])

    let second = try machine.driver("install", machine.build(version: "2"))
    #expect(second.status == 0, "\(second)")
    #expect(second.errors.contains("belay-driver-broken.so.previous"))
    #expect(try machine.version() == "2")
    #expect(
      try files == ["belay-driver-broken.so", "belay-driver-broken.so.json", "belay-driver-broken.so.previous"])

    // The way back is a rename.
    try FileManager.default.removeItem(atPath: machine.installed)
    try FileManager.default.moveItem(atPath: machine.installed + ".previous", toPath: machine.installed)
    #expect(try machine.version() == "1")

    let gone = try machine.driver("remove", "broken")
    #expect(gone.status == 0, "\(gone)")
    #expect(try files == [])
    #expect(try machine.driver("remove", "broken").status == 10)
  }

  @Test(
    "drivers elsewhere are reported: one that takes precedence at the installation, one that remains at the removal")
  func elsewhere() throws {
    try machine.build(in: "mine")
    let path = ["BELAY_DRIVER_PATH": machine.folder.path + "/mine"]
    let install = try machine.driver("install", machine.build(), environment: path)
    #expect(install.status == 0, "\(install)")
    #expect(install.errors.contains("/mine/belay-driver-broken.so takes precedence"), "\(install)")
    let remove = try machine.driver("remove", "broken", environment: path)
    #expect(remove.errors.contains("\(machine.folder.path)/mine/belay-driver-broken.so still exists"), "\(remove)")
    let which = try machine.driver("which", "broken", environment: path)
    let verdicts = which.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    #expect(which.status == 0 && verdicts.count { $0 == "used" } == 1 && verdicts.contains("skipped"), "\(which)")
  }

  @Test("for everybody it goes into PREFIX, readable whatever the umask")
  func system() throws {
    let run = try Program.run(
      "/bin/sh",
      ["-c", "umask 077; exec prefix/bin/belay driver install --system \"$0\"", machine.build()], in: machine.folder,
      environment: ["HOME": machine.folder.path + "/home"])
    let path = machine.folder.path + "/prefix/lib/belay/drivers/belay-driver-broken.so"
    #expect(run.output == path + "\n", "\(run)")
    for (file, mode) in [(path, 0o644), ((path as NSString).deletingLastPathComponent, 0o755), (path + ".json", 0o644)]
    {
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      #expect(attributes[.posixPermissions] as? Int == mode, "\(file)")
    }
    #expect(try machine.driver("remove", "broken", "--system").status == 0)
  }

  @Test(
    "an installation killed at any step leaves the old or the new one, whole and accepted, and does not stand in the way",
    arguments: ["staging", "checking", "recording", "keeping", "renaming", "tidying"])
  func killed(step: String) throws {
    try #require(try machine.driver("install", machine.build(version: "1")).status == 0)
    let file = try machine.build(version: "2")
    let killed = try machine.driver("install", file, environment: ["BELAY_FAULT": "kill-install:\(step)"])
    #expect(killed.status == 128 + SIGKILL, "\(killed)")
    #expect(try machine.version() == (step == "tidying" ? "2" : "1"))
    let again = try machine.driver("install", file)
    #expect(again.status == 0, "\(again)")
    #expect(try machine.version() == "2")
    #expect(try files.filter { $0.hasPrefix(".") } == [])
  }

  @Test("killed where there was none, it leaves none")
  func killedFirst() throws {
    let file = try machine.build()
    _ = try machine.driver("install", file, environment: ["BELAY_FAULT": "kill-install:renaming"])
    #expect(try machine.version() == nil)
    #expect(try machine.driver("install", file).status == 0)
    #expect(try machine.version() == "0.1")
  }

  @Test("a file that was changed after its installation is refused by every command, and installing it is the cure")
  func changed() throws {
    try #require(try machine.driver("install", machine.build(version: "1")).status == 0)
    let other = try machine.build(version: "2")
    try FileManager.default.removeItem(atPath: machine.installed)
    try FileManager.default.copyItem(atPath: other, toPath: machine.installed)
    let list = try machine.driver("list")
    #expect(list.status == 3 && list.output.contains("is not the file that was installed"), "\(list)")
    let info = try machine.driver("info", machine.installed)
    #expect(info.status == 22 && info.errors.contains("belay driver install \(machine.installed)"), "\(info)")
    let cure = try machine.driver("install", machine.installed)
    #expect(cure.status == 0, "\(cure)")
    #expect(try machine.version() == "2")
  }

  @Test("where keys are listed, only what they have signed is installed, and stays accepted without the file beside it")
  func signed() throws {
    try Compiler.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", machine.folder.path + "/key"])
    try FileManager.default.copyItem(
      atPath: machine.folder.path + "/key.pub", toPath: machine.folder.path + "/prefix/etc/belay/driver-keys")
    let file = try machine.build(version: "1")
    let unsigned = try machine.driver("install", file)
    #expect(unsigned.status == 22 && unsigned.errors.contains("is not signed"), "\(unsigned)")
    #expect(!FileManager.default.fileExists(atPath: machine.installed))

    try Compiler.run(
      "ssh-keygen", ["-q", "-Y", "sign", "-n", "belay-driver", "-f", machine.folder.path + "/key", file])
    let signed = try machine.driver("install", file)
    #expect(signed.status == 0, "\(signed)")
    let list = try machine.driver("list")
    #expect(list.output.contains("signed by ops (SHA256:"), "\(list)")
    let file2 = try machine.build(version: "2")
    let stale = try machine.driver("install", file2)
    #expect(stale.status == 22 && stale.errors.contains("its signature is for another file"), "\(stale)")
    #expect(try machine.version() == "1")

    try machine.write("# nobody any more\n", to: "prefix/etc/belay/driver-keys")
    let revoked = try machine.driver("list")
    #expect(revoked.status == 3 && revoked.output.contains("does not list"), "\(revoked)")
  }

  @Test("with a URL the copy is tested first, and is not installed if the test fails")
  func rules() throws {
    let installed = machine.installed.replacing("broken", with: "minimal")
    let example = Compiler.repository + "/Plugins/Examples/minimal"
    let file = try Compiler.build(
      "Plugins/Examples/minimal/minimal.c", to: machine.folder.path + "/built/belay-driver-minimal.so",
      flags: [
        "\(example)/entries.c", "-Wl,--version-script=\(Compiler.repository)/Sources/CBelayDriver/belay_driver.map",
      ])
    let options = ["--url", "minimal:\(machine.folder.path)/{}.sql", "--specimen", example + "/specimen.yaml"]
    let refused = try machine.start(["install", file, "--url", "minimal:one.sql"]).wait()
    #expect(refused.status == 22, "\(refused)")
    #expect(refused.errors.contains("the URL has no placeholder for a name"), "\(refused)")
    #expect(refused.errors.contains("the driver failed the test, or the test could not be run"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: installed))

    let kept = try machine.start(["install", file] + options + ["--drop", "rm -f {}.sql*"]).wait()
    #expect(kept.status == 0, "\(kept)")
    #expect(kept.errors.contains("NOT TESTED"), "\(kept)")
    #expect(try files == ["belay-driver-minimal.so", "belay-driver-minimal.so.json"])
  }
}
