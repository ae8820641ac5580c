import SystemPackage

/// A tar as a list of entries, read and written without libarchive: to make the ones that belay never writes.
struct Tar {
  struct Entry {
    var name: String
    var content: [UInt8] = []
    /// "0" a file, "1" a hard link, "2" a symbolic link, "3" a device, "5" a folder.
    var type: Character = "0"
    var link = ""
    /// What the header says, where it lies.
    var size: Int?
  }

  var entries: [Entry]

  init(_ entries: [Entry]) { self.entries = entries }

  init(reading path: FilePath) throws {
    let bytes = try contents(path)
    entries = []
    var offset = 0
    while offset + 512 <= bytes.count, bytes[offset] != 0 {
      let name = String(decoding: bytes[offset..<(offset + 100)].prefix { $0 != 0 }, as: UTF8.self)
      let octal = String(decoding: bytes[(offset + 124)..<(offset + 135)], as: UTF8.self)
      let size = Int(octal.filter { $0.isNumber }, radix: 8) ?? 0
      entries.append(Entry(name: name, content: Array(bytes[(offset + 512)..<(offset + 512 + size)])))
      offset += 512 + (size + 511) / 512 * 512
    }
  }

  func index(_ name: String) -> Int? { entries.firstIndex { $0.name == name } }

  var bytes: [UInt8] { entries.flatMap { Tar.block($0) } + [UInt8](repeating: 0, count: 1024) }

  func write(to path: FilePath) throws { try BelayArchiveTests.write(bytes, to: path) }

  private static func block(_ entry: Entry) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int, _ width: Int) -> String {
      let digits = String(value, radix: 8)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    put(entry.name, at: 0)
    put("0000600\u{0}0000000\u{0}0000000\u{0}", at: 100)
    put(octal(entry.size ?? entry.content.count, 11) + "\u{0}", at: 124)
    put("00000000000\u{0}", at: 136)
    put("        ", at: 148)
    put(String(entry.type), at: 156)
    put(entry.link, at: 157)
    put("ustar\u{0}00", at: 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
    return header + entry.content + [UInt8](repeating: 0, count: (512 - entry.content.count % 512) % 512)
  }
}
