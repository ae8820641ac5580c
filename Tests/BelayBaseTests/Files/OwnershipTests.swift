import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayBase

/// User and group of nobody: neither root's nor, where tests run as a user, that user's.
private let stranger: uid_t = 65534

@Suite("Whose a file is")
struct OwnershipTests {
  private let folder: TemporaryFolder
  private let file: FilePath

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write("text", to: "file")
    chmod(file.string, 0o600)
  }

  private func flaw(_ trust: RegularFile.Trust, _ path: FilePath? = nil) -> FileFlaw? {
    do throws(FileFlaw) {
      _ = try RegularFile.read(path ?? file, trust: trust)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    (mode_t(0o600), nil), (0o644, nil), (0o444, nil), (0o620, "can be written to by its group"),
    (0o602, "can be written to by everybody"), (0o666, "can be written to by everybody"),
  ])
  func `a file that others can write to is not read, and the hint mends it`(_ mode: mode_t, _ text: String?) throws {
    chown(file.string, uid_t.max, stranger)
    chmod(file.string, mode)
    #expect(flaw(.anybody) == nil)
    for trust in [RegularFile.Trust.owners, .ownFile] {
      #expect(flaw(trust)?.text == text)
      guard let cure = flaw(trust)?.cure else { continue }
      #expect(cure.hasPrefix("chmod g") && cure.hasSuffix(file.string))
    }
  }

  @Test func `a secret is not read where others can read it`() throws {
    #expect(flaw(.secret) == nil)
    chmod(file.string, 0o640)
    #expect(flaw(.secret)?.text == "can be read by others")
    #expect(flaw(.secret)?.cure == "chmod 600 \(file)")
  }

  @Test(.enabled(if: geteuid() == 0)) func `a file of another user is not read`() throws {
    chown(file.string, stranger, stranger)
    for trust in [RegularFile.Trust.owners, .ownFile, .secret] {
      #expect(flaw(trust)?.text == "belongs to user 65534, who is neither root nor you")
    }
    #expect(flaw(.anybody) == nil)
  }

  @Test func `what is no regular file is told at once, and never waited for`() throws {
    let fifo = folder.path.appending("fifo")
    mkfifo(fifo.string, 0o600)
    for trust in [RegularFile.Trust.anybody, .owners, .ownFile, .secret] {
      #expect(flaw(trust, fifo)?.text == "is not a regular file")
      #expect(flaw(trust, "/dev/zero")?.text == "is not a regular file")
      #expect(flaw(trust, folder.path)?.text == "is a folder")
    }
    let writing = #expect(throws: FileFlaw.self) { try RegularFile.open(fifo, .writeOnly, options: [.create]) }
    #expect(writing?.text == "is not a regular file")
    #expect(flaw(.anybody, folder.path.appending("nothing"))?.isMissing == true)
  }

  @Test func `a link is followed to a file that counts, and is none of belay's own files`() throws {
    let link = folder.path.appending("link")
    symlink(file.string, link.string)
    #expect(flaw(.anybody, link) == nil && flaw(.owners, link) == nil)
    for trust in [RegularFile.Trust.ownFile, .secret] { #expect(flaw(trust, link)?.text == "is a link, not a file") }
    #expect(OwnFolder.flaw(of: link)?.text == "is a link, not a folder")
  }

  @Test func `a file has an end`() throws {
    let error = #expect(throws: FileFlaw.self) { try RegularFile.read(file, most: 3) }
    #expect(error?.text == "is larger than 3 bytes")
    #expect(try RegularFile.read(file, most: 4) == Data("text".utf8))
  }

  @Test(arguments: [
    (mode_t(0o755), nil), (0o775, "can be written to by its group"), (0o777, "can be written to by everybody"),
  ])
  func `a folder that others can write to is not used`(_ mode: mode_t, _ text: String?) throws {
    let inner = folder.path.appending("inner")
    mkdir(inner.string, 0o700)
    chown(inner.string, uid_t.max, stranger)
    chmod(inner.string, mode)
    #expect(OwnFolder.flaw(of: inner)?.text == text)
    let link = folder.path.appending("to-inner")
    symlink(inner.string, link.string)
    #expect(OwnFolder.flaw(of: link, mayBeLink: true)?.text == text)
    #expect(OwnFolder.flaw(of: folder.path.appending("nothing")) == nil)
    #expect(OwnFolder.flaw(of: file)?.text == "is not a folder")
  }
}
