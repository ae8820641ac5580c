import DriverTesting
import Foundation
import Testing

@Suite("scripts/layers, on a small package")
struct LayersTests {
  private let package: TemporaryFolder

  init() throws {
    package = try TemporaryFolder()
    try package.file(
      "Package.swift",
      """
      let package = Package(
        name: "small",
        targets: [
          .target(name: "Small", path: "Sources/Small"),
          .target(name: "Near", dependencies: ["Small"]),
        ])
      """)
    try package.file(
      "Sources/Small/Ground/Stone.swift",
      """
      package struct Stone { package let weight: Int }
      struct Heap<Wall> { let walls: [Wall] }  // its own Wall
      func gather() -> [Stone] { [] }
      """)
    try package.file(
      "Sources/Small/Walls/Wall.swift",
      """
      struct Wall {
        let stones: [Stone]
        enum Side { case inner, outer }
      }
      extension Stone { var hewn: Stone { self } }
      extension Stone: CustomStringConvertible { package var description: String { "stone" } }
      extension Stone { init(from wall: Wall) { self.init(weight: 1) } }
      """)
    try package.file("Sources/Near/Road.swift", "import Small\nstruct Road { let bed: [Stone] }\n")
  }

  @Test("folders that use each other one way pass")
  func oneWay() throws {
    let outcome = try layers()
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("2 targets"))
  }

  @Test(
    "a use that goes back up fails, and is named with its file",
    arguments: [
      ("let wall: Wall? = nil", "Wall in Ground/Upward.swift"),
      ("func count(_ walls: [Wall]) -> Int { walls.count }", "Wall in Ground/Upward.swift"),
      (#"let text = "of \(Wall(stones: []))""#, "Wall in Ground/Upward.swift"),
      ("let stones = gather().map { $0.hewn }", "Stone.hewn in Ground/Upward.swift"),
      ("let stone = Stone(from: thing())", "Stone(from:) in Ground/Upward.swift"),
    ])
  func upward(line: String, told: String) throws {
    try package.file("Sources/Small/Ground/Upward.swift", line + "\n")
    let outcome = try layers()
    #expect(outcome.status == 1, "\(outcome)")
    #expect(outcome.output.contains("Sources/Small: these folders use each other in a circle: Ground Walls"))
    #expect(outcome.output.contains("  Ground uses Walls:\n    \(told)\n"), "\(outcome)")
    #expect(outcome.output.contains("  Walls uses Ground:"))
  }

  @Test(
    "what only looks like a use is none",
    arguments: [
      "// Wall", "/* Wall /* Wall */ Wall */", #"let text = "Wall""#, ##"let text = #"Wall \(Wall)"#"##,
      "let text = \"\"\"\n  a \"Wall\"\n  \"\"\"", "let text = \"\\(1 + 2) Wall\"", "struct House { struct Wall {} }",
      "func build<Wall>(_ wall: Wall) {}", "private struct Wall {}", "let kind = Kind.Wall",
      "let text = gather().description", "let stone = Stone(weight: 1)",
    ])
  func noUse(line: String) throws {
    try package.file("Sources/Small/Ground/Lookalike.swift", line + "\n")
    let outcome = try layers()
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test("a member's name that is declared twice in the target, or in a module that it imports, tells nothing")
  func ambiguous() throws {
    try package.file("Sources/Small/Ground/Use.swift", "let stones = gather().map { $0.hewn }\n")
    #expect(try layers().status == 1)
    try package.file("Sources/Far/Far.swift", "package struct Log { package var hewn: Log { self } }\n")
    try package.file("Sources/Small/Ground/Import.swift", "import Far\n")
    #expect(try layers().status == 1)
    let manifest = try String(contentsOfFile: package("Package.swift"), encoding: .utf8)
    try package.file("Package.swift", manifest.replacing("targets: [", with: #"targets: [.target(name: "Far"),"#))
    let outcome = try layers()
    #expect(outcome.status == 0, "\(outcome)")
  }

  @Test("a known circle passes with its reason; one that has grown, shrunk or gone does not")
  func known() throws {
    try package.file("Sources/Small/Ground/Upward.swift", "let wall: Wall? = nil\n")
    try know("knot Sources/Small: Ground Walls -- a test")
    #expect(try layers().status == 0)
    try package.file("Sources/Small/Roof/Roof.swift", "struct Roof { let wall: Wall }\n")
    #expect(try layers().status == 0)
    try package.file("Sources/Small/Ground/Higher.swift", "let roof: Roof? = nil\n")
    let grown = try layers()
    #expect(grown.status == 1 && grown.output.contains("in a circle: Ground Roof Walls"), "\(grown)")
    try know("knot Sources/Small: Ground Roof Walls Yard -- a test")
    let shrunk = try layers()
    #expect(shrunk.status == 1 && shrunk.output.contains("Yard left the knot"), "\(shrunk)")
    for name in ["Upward", "Higher"] { try package.file("Sources/Small/Ground/\(name).swift", "") }
    let gone = try layers()
    #expect(gone.status == 1 && gone.output.contains("there is no knot of Ground Roof Walls Yard any more"), "\(gone)")
    try know("knot Sources/Gone: A B -- a test")
    let unknown = try layers()
    #expect(unknown.status == 1 && unknown.output.contains("Sources/Gone: "), "\(unknown)")
    try know("knot Sources/Small: Ground Walls")
    let unfounded = try layers()
    #expect(unfounded.status == 1 && unfounded.errors.contains("known.txt:1"), "\(unfounded)")
  }

  @Test("a target with an order fails on a use that goes up, though there is no circle")
  func ordered() throws {
    try know("order Sources/Small: Ground Walls")
    #expect(try layers().status == 0)
    try know("order Sources/Small: Walls Ground")
    let outcome = try layers()
    #expect(outcome.status == 1, "\(outcome)")
    #expect(outcome.output.contains("uses that go up:\n  Walls uses Ground:\n    Stone in Walls/Wall.swift\n"))
    try know("order Sources/Small: Ground")
    let missing = try layers()
    #expect(missing.status == 1 && missing.output.contains("does not place Walls in its order"), "\(missing)")
  }

  private func know(_ line: String) throws { try package.file("scripts/layering/known.txt", line + "\n") }

  private func layers() throws -> Program.Outcome {
    try Program.run(
      Compiler.repository + "/scripts/layers", [package.path], in: URL(filePath: package.path))
  }
}
