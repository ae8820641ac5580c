// swift-tools-version: 6.2

import PackageDescription

/// The path of belay's sources, which include the kit.
let belay = "../../.."
let sources = belay.hasPrefix("/") ? belay : "\(Context.packageDirectory)/\(belay)"

let package = Package(
  name: "belay-driver-minimal-swift",
  products: [.library(name: "belay-driver-minimal-swift", type: .dynamic, targets: ["Engine"])],
  dependencies: [.package(name: "belay", path: belay)],
  targets: [
    .target(
      name: "Engine", dependencies: [.product(name: "BelayDriverKit", package: "belay")], path: "Sources",
      // A driver exports one symbol and nothing else, so that two drivers in one process cannot clash.
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker",
          "--version-script=\(sources)/Sources/CBelayDriver/belay_driver.map",
        ])
      ])
  ],
  swiftLanguageModes: [.v6]
)
