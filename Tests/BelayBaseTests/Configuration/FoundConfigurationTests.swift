import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayBase

@Suite("A belay.yaml that was found")
struct FoundConfigurationTests {
  private let folder: TemporaryFolder
  private let file: FilePath

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write("store: there\n", to: "inner/belay.yaml")
    chmod(file.string, 0o644)
    chown(file.string, uid_t.max, 65534)
    chown(inner.string, uid_t.max, 65534)
    chmod(inner.string, 0o755)
  }

  private var inner: FilePath { file.removingLastComponent() }

  private func refusal(environment: [String: String] = [:]) -> BelayError? {
    do throws(BelayError) {
      _ = try Configuration.readFound(file.string, environment: environment)
      return nil
    } catch {
      return error
    }
  }

  @Test func `is read where only root and the user can write to it`() throws {
    let read = try Configuration.readFound(file.string, environment: [:])
    #expect(read.store == inner.appending("there").string)
  }

  @Test(arguments: [
    (mode_t(0o664), mode_t(0o755), "belay.yaml can be written to by its group"),
    (0o646, 0o755, "belay.yaml can be written to by everybody"), (0o644, 0o775, "can be written to by its group"),
    (0o644, 0o777, "can be written to by everybody"),
  ])
  func `is refused where others can write to it or to its folder, with the ways to allow and to mend it`(
    _ mode: mode_t, _ folderMode: mode_t, _ text: String
  ) throws {
    chmod(file.string, mode)
    chmod(inner.string, folderMode)
    let error = try #require(refusal())
    #expect(error.kind == .refused && error.message.hasSuffix(text), "\(error)")
    let hint = try #require(error.hint)
    #expect(hint.contains("--config \(file)") && hint.contains("BELAY_TRUST_CONFIG=\(file)"))
    #expect(hint.contains("chmod g"))
  }

  @Test func `in a sticky folder its own owner counts`() throws {
    chmod(inner.string, 0o1777)
    #expect(refusal() == nil)
  }

  @Test(.enabled(if: geteuid() == 0), arguments: [true, false])
  func `is refused where another user owns it, or the link to it`(_ isLink: Bool) throws {
    if isLink {
      let real = try folder.write("store: there\n", to: "real.yaml")
      unlink(file.string)
      symlink(real.string, file.string)
    }
    lchown(file.string, 65534, 65534)
    #expect(refusal()?.message.contains("belongs to user 65534") == true)
  }

  @Test(.enabled(if: geteuid() == 0)) func `is refused where a link leads to another user's file or folder`() throws {
    let real = try folder.write("store: there\n", to: "other/real.yaml")
    unlink(file.string)
    symlink(real.string, file.string)
    chown(real.removingLastComponent().string, 65534, 65534)
    #expect(refusal()?.message.contains("other of") == true)
    chown(real.removingLastComponent().string, 0, 0)
    #expect(refusal() == nil)
    chown(real.string, 65534, 65534)
    #expect(refusal()?.message.contains("belongs to user 65534") == true)
  }

  @Test func `is read all the same where the environment names it`() throws {
    chmod(file.string, 0o666)
    #expect(refusal(environment: [Configuration.trustVariable: "/elsewhere/belay.yaml"]) != nil)
    #expect(refusal(environment: [Configuration.trustVariable: "/elsewhere:\(file)"]) == nil)
    #expect(try Configuration.read(file.string).store != nil)
  }

  @Test func `that is a FIFO is an error and no wait`() throws {
    unlink(file.string)
    mkfifo(file.string, 0o644)
    #expect(refusal()?.message.contains("is not a regular file") == true)
    #expect(throws: ConfigurationError.self) { try Configuration.read(file.string) }
  }
}
