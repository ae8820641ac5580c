import Testing

@testable import BelayDatabase

@Suite("Names of scratch databases")
struct ScratchNameTests {
  @Test func `no two runs and no two attempts have one name`() {
    let long = "20261120T143022Z-" + String(repeating: "long", count: 12)
    let runs = ["20261120T143022Z-a", "20261120T143022Z-a-2", "20261120T143022Z-a.2", long, long + "-2", long + "-3"]
    let names = runs.flatMap { [ScratchName.copy(of: $0), .back(of: $0), .back(of: $0, attempt: 2)] }
    #expect(Set(names).count == names.count, "\(names)")
    for name in names {
      #expect(name.utf8.count <= 46 && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
    }
  }
}

extension String {
  fileprivate static func back(of run: String, attempt: Int = 1) -> String {
    ScratchName.back(of: run, attempt: attempt)
  }
}
