import BelayBase
import BelayDrivers
import BelayText
import Foundation
import SystemPackage

/// A target with the driver that speaks to it.
package struct TargetAccess: Sendable {
  package let target: Target
  package let driver: Driver
  package let options: [DriverOption]

  /// What a relative path in the URL starts from.
  package var folder: String { target.folder ?? FileManager.default.currentDirectoryPath }

  package var redactedURL: String { redact(url: target.url) }

  /// Opens a database of this driver.
  /// - Parameters:
  ///   - url: nil: the target itself.
  ///   - scratch: where the driver may put temporary files; the run's folder, so that recovery finds what a crash left.
  package func open(
    _ url: String? = nil, readOnly: Bool = false, create: Bool = false, scratch: FilePath?,
    operation: BelayDrivers.Operation
  ) throws(BelayError) -> Connection {
    do {
      return try connect(url, readOnly: readOnly, create: create, scratch: scratch, operation: operation)
    } catch {
      // Somebody has named a database that is to be made, and that there is.
      let isThere = create && error.code == .constraint
      throw BelayError(
        error, doing: "cannot open \(redact(url: url ?? target.url))", kind: .cannotOpen,
        state: isThere ? "nothing was changed" : nil)
    }
  }

  /// As `open`, with the driver's own error.
  func connect(
    _ url: String? = nil, readOnly: Bool = false, create: Bool = false, scratch: FilePath?,
    operation: BelayDrivers.Operation
  ) throws(DriverError) -> Connection {
    var options = options
    // What a person allows with the target says nothing of belay's own databases beside it.
    if let url, url != target.url { options.removeAll { $0.key == "read_only" } }
    if readOnly { options.append(DriverOption(key: "read_only", value: "1", isSecret: false)) }
    if create { options.append(DriverOption(key: "create", value: "1", isSecret: false)) }
    if let scratch { options.append(DriverOption(key: "scratch_dir", value: scratch.string, isSecret: false)) }
    return try driver.open(url ?? target.url, options: options, operation: operation)
  }
}

extension RunContext {
  /// Finds and loads the driver for a target.
  package func access(_ target: Target) throws(BelayError) -> TargetAccess {
    let options = target.options.sorted { $0.key < $1.key }
      .map { DriverOption(key: $0.key, value: $0.value, isSecret: false) }
    let (target, driver) = try redirected(target)
    return TargetAccess(target: target, driver: driver, options: options)
  }

  /// The driver of a URL; or, where that driver says that the URL stands for another one's database, that one, and its URL
  /// from then on.
  private func redirected(_ target: Target) throws(BelayError) -> (Target, Driver) {
    let driver = try driver(of: target.url)
    guard let url = try redirection(of: target, by: driver) else { return (target, driver) }
    log(.notice, "\(redact(url: target.url)) is \(redact(url: url))")
    var other = target
    other.url = url
    return (other, try self.driver(of: url))
  }

  private func driver(of url: String) throws(BelayError) -> Driver {
    do {
      return try drivers.driver(forURL: url)
    } catch {
      throw BelayError(error)
    }
  }

  private func redirection(of target: Target, by driver: Driver) throws(BelayError) -> String? {
    do {
      return try driver.redirect(target.url, operation: stoppable("opening"))
    } catch {
      throw BelayError(
        error, doing: "cannot open \(redact(url: target.url))", kind: error.code == .notFound ? .notFound : .refused,
        state: "nothing was opened")
    }
  }
}
