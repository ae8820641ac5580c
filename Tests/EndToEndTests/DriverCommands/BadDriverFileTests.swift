import DriverTesting
import Foundation
import Testing

/// A driver's file that is no good, and what the operator reads.
struct BadDriverFile: Sendable, CustomTestStringConvertible {
  let what: String
  var flags: [String] = []
  let message: String
  var testDescription: String { what }

  static let all = [
    BadDriverFile(
      what: "an entry that crashes", flags: ["-DENTRY_DOES=*(volatile int *)8 = 1"],
      message: "driver broken crashes when it is loaded: signal 11"),
    BadDriverFile(
      what: "one that aborts", flags: ["-DENTRY_DOES=abort()"],
      message: "driver broken crashes when it is loaded: signal 6"),
    BadDriverFile(
      what: "one that ends the process", flags: ["-DENTRY_DOES=exit(0)"],
      message: "driver broken ends the process that loads it, with status 0"),
    BadDriverFile(
      what: "one that ends it while it is being loaded", flags: ["-DLOADING_DOES=_exit(9)"],
      message: "driver broken ends the process that loads it, with status 9"),
    BadDriverFile(
      what: "one that stops the process", flags: ["-DENTRY_DOES=raise(SIGSTOP)"], message: "driver broken hangs"),
    BadDriverFile(what: "one that hangs", flags: ["-DENTRY_DOES=for (;;) pause()"], message: "driver broken hangs"),
    BadDriverFile(
      what: "one that hangs while it is being loaded", flags: ["-DLOADING_DOES=for (;;) pause()"],
      message: "driver broken hangs"),
    BadDriverFile(what: "no symbol", flags: ["-DENTRY=other"], message: "it has no symbol belay_driver_v1"),
    BadDriverFile(
      what: "another major version", flags: ["-DENTRY=belay_driver_v2"],
      message: "is for ABI version 2, but this belay supports version 1"),
    BadDriverFile(
      what: "a core with a hole", flags: ["-DEMPTY_SLOT=query"], message: "driver broken is malformed: query is NULL"),
    BadDriverFile(what: "a table that is too small", flags: ["-DSIZE=64"], message: "struct_size is 64, too small"),
    BadDriverFile(what: "another driver's id", flags: ["-UID", "-DID=\"other\""], message: "its id is other"),
    BadDriverFile(
      what: "a symbol that no library has", flags: ["-DNEEDS"],
      message: "it uses needed, which none of its libraries defines"),
  ]
}

@Suite("Bad driver files: named, explained, refused, and the host alive")
struct BadDriverFileTests {
  private let machine: DriverFolder

  init() throws { machine = try DriverFolder() }

  @Test("info, list and install name it, and install nothing", arguments: BadDriverFile.all)
  func refused(bad: BadDriverFile) throws {
    let file = try machine.build(bad.flags)
    // At the same time: those that hang take their time.
    let running = try [
      ["info", file], ["install", file], ["list", "--driver-path", machine.folder.path + "/built"],
    ].map { try machine.start($0) }
    try expect([running[0].wait(), running[1].wait()], 22, bad.message)
    let listed = try running[2].wait()
    #expect(listed.status == 3, "\(listed)")
    #expect(listed.output.contains(bad.message), "\(listed)")
    #expect(!FileManager.default.fileExists(atPath: machine.installed))
  }

  private func expect(
    _ runs: [Program.Outcome], _ status: Int32, _ message: String, location: SourceLocation = #_sourceLocation
  ) throws {
    for run in runs {
      #expect(run.status == status, "\(run)", sourceLocation: location)
      #expect(run.errors.contains(message), "\(message) is not in \(run)", sourceLocation: location)
    }
  }

  @Test("an exception thrown out of the entry is a crash that is named")
  func throwing() throws {
    try machine.write("extern \"C\" const void *belay_driver_v1(const void *) { throw 1; }", to: "throws.cpp")
    let file = machine.folder.path + "/built/belay-driver-broken.so"
    try Compiler.run("c++", ["-shared", "-fPIC", "-o", file, machine.folder.path + "/throws.cpp"])
    try expect([machine.driver("info", file)], 22, "driver broken crashes when it is loaded: signal 6")
  }

  @Test("a driver that prints is listed with its defect, and not installed")
  func printing() throws {
    let file = try machine.build(["-DENTRY_DOES=puts(\"hello from the driver\")"])
    let list = try machine.driver("list", "--driver-path", machine.folder.path + "/built")
    #expect(list.status == 0, "\(list)")
    #expect(list.output.contains("defect: it writes to stdout or stderr when it is loaded: hello from the driver"))
    try expect([machine.driver("install", file)], 22, "hello from the driver")
  }

  @Test("a driver that exports more than its one symbol is not installed, and the surplus is named")
  func symbols() throws {
    let file = try machine.build(["-DLOADING_DOES=;} void surplus(void) {"])
    try expect([machine.driver("install", file)], 22, "exports 2 symbols instead of one: belay_driver_v1, surplus")
  }

  @Test("a symbol of which there is one in the process is surplus too, for install and for the rules")
  func uniqueSymbol() throws {
    let unique = #"int once = 1; __asm__(".type once, @gnu_unique_object");"#
    let file = try machine.build([
      "-DLOADING_DOES=} \(unique) void rest(void); __attribute__((unused)) static void end(void) {"
    ])
    try expect([machine.driver("install", file)], 22, "exports 2 symbols instead of one: belay_driver_v1, once")
    let rule = try machine.driver("test", file, "--url", "broken:{}", "--rule", "101")
    #expect(rule.status == 1 && rule.output.contains("it exports other symbols too (1), such as once"), "\(rule)")
  }

  @Test("no ELF file, and one of another kind of machine")
  func otherMachine() throws {
    let file = machine.folder.path + "/built/belay-driver-broken.so"
    try machine.write("#!/bin/sh\n", to: "built/belay-driver-broken.so")
    try expect([machine.driver("info", file), machine.driver("install", file)], 22, "is not an ELF file")
    var bytes = Array(try Data(contentsOf: URL(filePath: machine.build())))
    bytes[18] = 8
    try Data(bytes).write(to: URL(filePath: file))
    let info = try machine.driver("info", file)
    try expect([info, machine.driver("install", file)], 22, "is for MIPS")
    #expect(info.output.contains("built for   MIPS, 64 bits"), "\(info)")
  }

  @Test("a library that is missing is named, and info lists it")
  func missingLibrary() throws {
    try machine.write("int needed(void) { return 0; }", to: "needed.c")
    let library = machine.folder.path + "/libneeded.so"
    try Compiler.run("cc", ["-shared", "-fPIC", "-o", library, machine.folder.path + "/needed.c"])
    let file = try machine.build(["-DNEEDS", "-L\(machine.folder.path)", "-lneeded"])
    try FileManager.default.removeItem(atPath: library)
    let info = try machine.driver("info", file)
    try expect([info], 22, "it needs libneeded.so, which is not installed")
    #expect(info.output.contains("needs       libneeded.so"), "\(info)")
  }

  @Test("one that others can write to is described, but none of its code runs")
  func untrusted() throws {
    let file = try machine.build(["-DENTRY_DOES=puts(\"I ran\")"])
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file)
    let info = try machine.driver("info", file)
    try expect([info], 22, "is not trusted")
    #expect(!info.output.contains("I ran") && info.output.contains("exports     belay_driver_v1"), "\(info)")
  }

  @Test(
    "a command on a database names the driver that crashes or hangs when it is loaded",
    arguments: [
      ("*(volatile int *)8 = 1", "it was loading driver broken"), ("for (;;) pause()", "driver broken hangs"),
    ])
  func command(does: String, message: String) throws {
    try machine.build(["-DENTRY_DOES=\(does)"])
    let run = try machine.belay("backup", "broken:x", "--driver-path", machine.folder.path + "/built")
    #expect([20, 22].contains(run.status), "\(run)")
    #expect(run.errors.contains(message), "\(run)")
    #expect(run.errors.contains("belay-driver-broken.so"), "\(run)")
  }
}
