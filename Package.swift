// swift-tools-version: 6.2

import PackageDescription

/// Held by every Swift target: Swift 6 language mode is the package's, warnings are errors everywhere.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A driver exports one symbol and nothing else, so that two drivers in one process cannot clash.
let oneExportedSymbol: [LinkerSetting] = [
  .unsafeFlags([
    "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CBelayDriver/belay_driver.map",
  ])
]

let package = Package(
  name: "belay",
  products: [
    .executable(name: "belay", targets: ["belay"]),
    .library(name: "BelayDriverKit", targets: ["BelayDriverKit", "CBelayDriver"]),
    .library(name: "belay-driver-sqlite", type: .dynamic, targets: ["BelayDriverSQLite"]),
    .library(name: "belay-driver-d1", type: .dynamic, targets: ["BelayDriverD1"]),
    .library(name: "belay-driver-postgresql", type: .dynamic, targets: ["BelayDriverPostgreSQL"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
  ],
  targets: [
    // MARK: The border
    .target(name: "CBelayDriver", path: "Sources/CBelayDriver", exclude: ["belay_driver.map"]),
    // Cells, batches, names, quoting and hex. Neither this nor BelayABI uses Foundation, for both lie in every driver.
    .target(name: "BelayRows", dependencies: ["CBelayDriver"], path: "Sources/BelayRows", swiftSettings: strict),
    // What kit and host both read of the header.
    .target(
      name: "BelayABI", dependencies: ["BelayRows", "CBelayDriver"], path: "Sources/BelayABI", swiftSettings: strict),
    .target(
      name: "BelayDriverKit", dependencies: ["BelayABI", "BelayRows", "CBelayDriver"], path: "Sources/BelayDriverKit",
      swiftSettings: strict),

    // MARK: The host
    // What is shown of texts that others choose, and what is hidden of URLs.
    .target(name: "BelayText", path: "Sources/BelayText", swiftSettings: strict),
    // Threads, and the limits that the system sets.
    .target(name: "BelaySystem", path: "Sources/BelaySystem", swiftSettings: strict),
    .systemLibrary(
      name: "CArchive", path: "Sources/CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(
      name: "BelayDrivers",
      dependencies: [
        "BelayABI", "BelayRows", "BelaySystem", "BelayText", "CBelayDriver",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayDrivers", swiftSettings: strict),
    .target(
      name: "BelayArchive",
      dependencies: [
        "BelayRows", "BelaySystem", "BelayText", "CArchive", "CBelayDriver",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayArchive", swiftSettings: strict),
    // The rows of one table on two sides.
    .target(
      name: "BelayDifference",
      dependencies: ["BelayRows", "CBelayDriver", .product(name: "SystemPackage", package: "swift-system")],
      path: "Sources/BelayDifference", swiftSettings: strict),
    // The core, in layers: each uses only those above it here. Within a target, scripts/layers holds the folders' order.
    .target(
      name: "BelayBase",
      dependencies: [
        "BelaySystem", "BelayText",
        .product(name: "SystemPackage", package: "swift-system"), .product(name: "Yams", package: "Yams"),
      ],
      path: "Sources/BelayBase", swiftSettings: strict),
    .target(
      name: "BelayStore",
      dependencies: [
        "BelayBase", "BelayArchive", "BelayProcess", "BelayRows", "BelayText",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayStore", swiftSettings: strict),
    // Encryption of archives, by the installed age.
    .target(
      name: "BelayEncryption",
      dependencies: [
        "BelayBase", "BelayArchive", "BelayProcess", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayEncryption", swiftSettings: strict),
    .target(
      name: "BelayDatabase",
      dependencies: [
        "BelayBase", "BelayEncryption", "BelayStore", "BelayDrivers", "BelayArchive", "BelaySystem", "BelayText",
        "CBelayDriver",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayDatabase", swiftSettings: strict),
    // What must hold of a database, and whether it does.
    .target(
      name: "BelayChecks",
      dependencies: [
        "BelayBase", "BelayStore", "BelayDatabase", "BelayDrivers", "BelayArchive", "BelaySystem", "CBelayDriver",
      ],
      path: "Sources/BelayChecks", swiftSettings: strict),
    .target(
      name: "BelayRuns",
      dependencies: [
        "BelayBase", "BelayEncryption", "BelayStore", "BelayDatabase", "BelayDrivers", "BelayArchive", "BelayProcess",
        "BelayText", "CBelayDriver", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayRuns", swiftSettings: strict),
    .target(
      name: "BelayChange",
      dependencies: [
        "BelayBase", "BelayEncryption", "BelayStore", "BelayDatabase", "BelayChecks", "BelayRuns", "BelayDifference",
        "BelayDrivers", "BelayArchive", "BelayProcess", "BelayText", "CBelayDriver",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayChange", swiftSettings: strict),
    .target(
      name: "BelayCore",
      dependencies: [
        "BelayBase", "BelayEncryption", "BelayStore", "BelayDatabase", "BelayChecks", "BelayRuns", "BelayChange",
        "BelayDifference",
        "BelayDrivers", "BelayArchive", "CBelayDriver", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayCore", swiftSettings: strict),
    // The examples for authors of drivers, embedded in the executable.
    .target(name: "CScaffold", path: "Sources/CScaffold"),
    .target(
      name: "BelayScaffold", dependencies: ["CScaffold"], path: "Sources/BelayScaffold", swiftSettings: strict),
    // How belay starts itself anew, and what passes between the two processes.
    .systemLibrary(name: "CSpawn", path: "Sources/CSpawn"),
    .target(
      name: "BelayProcess", dependencies: ["BelaySystem", "CSpawn"], path: "Sources/BelayProcess", swiftSettings: strict
    ),
    .systemLibrary(name: "CAllocations", path: "Sources/CAllocations"),
    .target(
      name: "BelayConformance",
      dependencies: [
        "BelayDrivers", "BelayArchive", "BelayProcess", "CAllocations", "CBelayDriver",
        .product(name: "Yams", package: "Yams"),
      ],
      path: "Sources/BelayConformance", swiftSettings: strict),
    .target(
      name: "BelayCLI",
      dependencies: [
        "BelayBase", "BelayEncryption", "BelayStore", "BelayDatabase", "BelayRuns", "BelayCore", "BelayConformance",
        "BelayDrivers",
        "BelayArchive", "BelayProcess", "BelayScaffold", "BelaySystem", "BelayText",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/BelayCLI", swiftSettings: strict),
    .executableTarget(name: "belay", dependencies: ["BelayCLI"], path: "Sources/belay", swiftSettings: strict),

    // MARK: Drivers
    .systemLibrary(
      name: "CSQLite", path: "Plugins/SQLite/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    // What SQLite has in common with engines that are built of it.
    .target(
      name: "SQLiteDialect", dependencies: ["BelayDriverKit", "CSQLite"], path: "Plugins/SQLite/Dialect",
      swiftSettings: strict),
    .target(
      name: "BelayDriverSQLite", dependencies: ["BelayDriverKit", "CBelayDriver", "CSQLite", "SQLiteDialect"],
      path: "Plugins/SQLite/Sources", swiftSettings: strict, linkerSettings: oneExportedSymbol),

    .systemLibrary(
      name: "CPostgreSQL", path: "Plugins/PostgreSQL/CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CPgQuery", path: "Plugins/PostgreSQL/CPgQuery", providers: [.apt(["libpg-query-dev"])]),
    .target(
      name: "BelayDriverPostgreSQL", dependencies: ["BelayDriverKit", "CBelayDriver", "CPostgreSQL", "CPgQuery"],
      path: "Plugins/PostgreSQL/Sources", swiftSettings: strict, linkerSettings: oneExportedSymbol),

    .systemLibrary(
      name: "CCurl", path: "Plugins/D1/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CLibcrypto", path: "Plugins/D1/CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(
      name: "BelayDriverD1",
      dependencies: [
        "BelayDriverKit", "CBelayDriver", "CCurl", "CLibcrypto", "CSQLite", "SQLiteDialect",
      ],
      path: "Plugins/D1/Sources", swiftSettings: strict, linkerSettings: oneExportedSymbol),

    // MARK: Tests
    .testTarget(
      name: "CBelayDriverTests", dependencies: ["BelayDrivers", "CBelayDriver", "DriverTesting"],
      path: "Tests/CBelayDriverTests", exclude: ["Frozen"], swiftSettings: strict),
    .testTarget(
      name: "BelayDriverKitTests", dependencies: ["BelayDriverKit"], path: "Tests/BelayDriverKitTests",
      swiftSettings: strict),
    .target(
      name: "DriverTesting", dependencies: ["BelayDrivers"], path: "Tests/DriverTesting", swiftSettings: strict),
    .testTarget(
      name: "BelayDriversTests",
      dependencies: [
        "BelayDrivers", "CBelayDriver", "DriverTesting", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayDriversTests", exclude: ["Drivers"], swiftSettings: strict),
    .testTarget(
      name: "DriverContractTests",
      dependencies: ["BelayConformance", "BelayDrivers", "DriverTesting", "belay"],
      path: "Tests/DriverContractTests", swiftSettings: strict),
    .testTarget(
      name: "SQLiteDriverTests",
      dependencies: [
        "BelayArchive", "BelayDrivers", "CBelayDriver", "DriverTesting", "SQLiteDialect",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/SQLiteDriverTests", exclude: ["Programs"], swiftSettings: strict),
    .testTarget(
      name: "D1DriverTests",
      dependencies: [
        "BelayArchive", "BelayDrivers", "CBelayDriver", "DriverTesting",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/D1DriverTests", swiftSettings: strict),
    .testTarget(
      name: "PostgreSQLDriverTests",
      dependencies: [
        "BelayArchive", "BelayDrivers", "CBelayDriver", "DriverTesting",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/PostgreSQLDriverTests", swiftSettings: strict),
    .testTarget(
      name: "MariaDBDriverTests", dependencies: ["BelayDrivers", "DriverTesting"], path: "Tests/MariaDBDriverTests",
      swiftSettings: strict),
    .testTarget(
      name: "FakeD1Tests", dependencies: ["DriverTesting"], path: "Tests/FakeD1Tests", exclude: ["Checks"],
      swiftSettings: strict),
    .testTarget(
      name: "BelaySystemTests", dependencies: ["BelaySystem"], path: "Tests/BelaySystemTests", swiftSettings: strict),
    .testTarget(
      name: "BelayTextTests", dependencies: ["BelayText"], path: "Tests/BelayTextTests", swiftSettings: strict),
    .testTarget(
      name: "BelayProcessTests", dependencies: ["BelayProcess", "DriverTesting"], path: "Tests/BelayProcessTests",
      swiftSettings: strict),
    .testTarget(
      name: "BelayArchiveTests",
      dependencies: [
        "BelayArchive", "CBelayDriver", "CArchive", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayArchiveTests", swiftSettings: strict),
    .testTarget(
      name: "BelayDifferenceTests",
      dependencies: [
        "BelayDifference", "BelayRows", "CBelayDriver", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayDifferenceTests", swiftSettings: strict),
    .target(
      name: "CoreTesting",
      dependencies: [
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/CoreTesting", swiftSettings: strict),
    .testTarget(
      name: "BelayBaseTests",
      dependencies: [
        "BelayBase", "CoreTesting", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayBaseTests", swiftSettings: strict),
    .testTarget(
      name: "BelayStoreTests",
      dependencies: [
        "BelayArchive", "BelayBase", "BelayStore", "CoreTesting",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayStoreTests", swiftSettings: strict),
    .testTarget(
      name: "BelayEncryptionTests",
      dependencies: [
        "BelayArchive", "BelayBase", "BelayEncryption", "CoreTesting",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayEncryptionTests", swiftSettings: strict),
    .testTarget(
      name: "BelayDatabaseTests",
      dependencies: [
        "BelayArchive", "BelayBase", "BelayDatabase", "BelayDrivers", "BelayStore", "CoreTesting",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayDatabaseTests", swiftSettings: strict),
    .testTarget(
      name: "BelayChecksTests", dependencies: ["BelayBase", "BelayChecks", "BelayDrivers"],
      path: "Tests/BelayChecksTests", swiftSettings: strict),
    .testTarget(
      name: "BelayRunsTests", dependencies: ["BelayArchive", "BelayBase", "BelayRuns", "BelayStore"],
      path: "Tests/BelayRunsTests",
      swiftSettings: strict),
    .testTarget(
      name: "BelayChangeTests",
      dependencies: [
        "BelayArchive", "BelayBase", "BelayChange", "BelayDatabase", "BelayDrivers", "BelayProcess", "BelayRuns",
        "BelayStore", "CoreTesting",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayChangeTests", swiftSettings: strict),
    .testTarget(
      name: "BelayCLITests",
      dependencies: [
        "BelayBase", "BelayCLI", "BelayCore", "BelayDrivers", "BelayProcess", "BelayStore", "BelayText", "CSQLite",
        "DriverTesting", "belay",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/BelayCLITests", swiftSettings: strict),
    // A kind of change that belay does not ship, as an executable that a test can kill.
    .executableTarget(
      name: "scripted-change",
      dependencies: ["BelayBase", "BelayChange", "BelayCore", "BelayDatabase", "BelayDrivers"],
      path: "Tests/ScriptedChange", swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["DriverTesting", "scripted-change"], path: "Tests/EndToEndTests",
      exclude: ["Drivers"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)

// For scripts/fuzz alone: it links only where libFuzzer is asked for.
if Context.environment["BELAY_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "belay-fuzz",
      dependencies: [
        "BelayArchive", "BelayBase", "BelayChange", "BelayDriverPostgreSQL", "BelayRows", "BelayStore", "BelayText",
        "CBelayDriver", "SQLiteDialect", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Fuzzing", exclude: ["Seeds"], swiftSettings: strict))
}
