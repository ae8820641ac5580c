import BelayDrivers
import CBelayDriver
import Glibc

extension Rule {
  /// 101 to 104: the file, and what its entry returns.
  static let load: [Rule] = [
    Rule(101, .load, "the file exports belay_driver_v1 and no other symbol") { bench in
      guard let names = ELFImage(file: try bench.job.trustedPath())?.exported else {
        throw Skip("the file has no readable symbol table")
      }
      try expect(names.contains("belay_driver_v1"), "it does not export belay_driver_v1")
      let others = names.filter { $0 != "belay_driver_v1" }.sorted()
      try expect(
        others.isEmpty,
        "it exports other symbols too (\(others.count)), such as \(others.first ?? ""): link it with a version script")
    },

    Rule(
      102, .load, "the entry opens no descriptor, starts no thread, sets no signal handler, and returns within 100 ms"
    ) { bench in
      let entry = try RawDriver.entry(bench)
      let host = try RawHost.table()
      let before = ProcessState.now()
      let began = ContinuousClock.now
      let table = entry(host)
      let took = ContinuousClock.now - began
      if let left = ProcessState.now().leftover(since: before) { throw Broken("after the call \(left)") }
      try expect(table != nil, "it returns NULL to a host of this version")
      // Ten times the limit: a busy machine is not the driver's fault.
      try expect(took < .seconds(1), "the call took \(took)")
      try expect(entry(host) == table, "a second call returns another table")
    },

    Rule(
      103, .load,
      "the table is complete: its size, id, version, schemes, the core's functions and those of each extension"
    ) {
      bench in
      let driver = try bench.driver()
      try expect(!driver.version.isEmpty, "its version is empty")
      let raw = try RawDriver(bench).table.pointee
      try expect(raw.struct_size % 8 == 0 && raw.struct_size < 1 << 16, "its struct_size is \(raw.struct_size)")
      try expect(raw.abi_minor < 1 << 16, "its abi_minor is \(raw.abi_minor)")
    },

    Rule(104, .load, "an extension is always the same pointer, and NULL for an unknown id") { bench in
      let raw = try RawDriver(bench).table.pointee
      let needed = MemoryLayout<belay_driver>.offset(of: \.extension) ?? .max
      guard Int(raw.struct_size) > needed, let ask = raw.extension else { throw Skip("the driver has no extensions") }
      for id in DriverExtension.allCases {
        try expect(ask(id.rawValue) == ask(id.rawValue), "\(id.rawValue) is a different pointer the second time")
      }
      for id in ["belay.no-such-extension/1", "belay.script/99", ""] {
        try expect(ask(id) == nil, "it has an extension \"\(id)\"")
      }
    },
  ]

  /// 111 to 113: hosts of other sizes.
  static let host: [Rule] = [
    Rule(111, .load, "a host of 1.0 is enough: nothing is read beyond its table, or written beyond its structs") {
      bench in
      try live(bench, host: RawHost.table())
    },

    Rule(112, .load, "a host of a later 1.x, whose table is longer, is accepted") { bench in
      try live(bench, host: RawHost.table(growth: 64))
    },
  ]

  /// Loads, opens, uses and closes with a host of this size.
  private static func live(_ bench: Bench, host: UnsafePointer<belay_host>) throws {
    let raw = try RawDriver(bench, host: host)
    try bench.fill().close()
    let connection = try raw.open(bench)
    let size = MemoryLayout<belay_traits>.size
    let traits = try GuardedMemory.allocate(size).bindMemory(to: belay_traits.self, capacity: 1)
    traits.initialize(to: belay_traits())
    traits.pointee.struct_size = UInt32(size)
    let described = connection.describe(into: traits)
    try expect(described.code == BELAY_OK, "describe failed: \(described.message)")
    try expect(traits.pointee.struct_size == size, "describe changed struct_size to \(traits.pointee.struct_size)")
    var objects = 0
    let catalog = connection.catalog {
      objects += 1
      return Int32(BELAY_OK)
    }
    try expect(catalog.code == BELAY_OK, "catalog failed: \(catalog.message)")
    try expect(objects > 0, "catalog passed no object")
    let wrong = connection.execute("SELEKT something")
    try expect(wrong.code != BELAY_OK, "an invalid statement did not fail")
    connection.close()
  }
}
