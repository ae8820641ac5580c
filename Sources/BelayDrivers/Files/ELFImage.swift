import BelayRows
import Glibc

/// What the section headers of a shared object for this machine say: the libraries that it needs, and the symbols that
/// it exports.
package struct ELFImage {
  /// As the file names them, e.g. "libpq.so.5".
  let needed: [String]
  /// The symbols that others could link to, sorted: those that are defined here, and neither local nor hidden. Symbols
  /// that every linker adds are left out.
  package let exported: [String]

  private static let mostBytes = 1 << 28

  /// nil if the file cannot be read, or has no valid section headers.
  package init?(file path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    self.init(descriptor: descriptor)
  }

  /// nil if there are no section headers, or they are not valid.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 64, status.st_size < Self.mostBytes,
      let pointer = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), pointer != MAP_FAILED
    else { return nil }
    defer { munmap(pointer, Int(status.st_size)) }
    let file = Bytes(bytes: UnsafeRawBufferPointer(start: pointer, count: Int(status.st_size)))
    // Files of other widths have already been refused because of their header.
    guard file.bytes[4] == 2, let start = file.word(40), let size = file.half(58), let count = file.half(60), size >= 64
    else { return nil }
    let sections = (0..<count).compactMap { Section(file, at: start + $0 * size) }
    guard sections.count == count,
      let symbols = sections.first(where: { $0.type == Section.dynamicSymbols }),
      let dynamic = sections.first(where: { $0.type == Section.dynamic }),
      sections.indices.contains(symbols.link), sections.indices.contains(dynamic.link)
    else { return nil }
    let (names, libraries) = (sections[symbols.link], sections[dynamic.link])
    exported = stride(from: symbols.offset, to: symbols.offset + symbols.size, by: 24).compactMap { at in
      guard let name = file.quarter(at), let info = file.byte(at + 4), let other = file.byte(at + 5),
        let section = file.half(at + 6)
      else { return nil }
      let isVisible = [STV_DEFAULT, STV_PROTECTED].contains(Int32(other & 3))
      // A unique symbol is not local either: it exists once in the process, however its library was loaded.
      let isLocal = info >> 4 == STB_LOCAL
      // Sections and the file's name are not symbols that it exports.
      let isPart = [STT_SECTION, STT_FILE].contains(Int32(info & 0xf))
      // Neither undefined nor absolute: names of versions are absolute symbols.
      guard isVisible, !isLocal, !isPart, name != 0, section != SHN_UNDEF, section != 0xfff1 else { return nil }
      let text = file.text(names.offset + name)
      return Self.ofTheLinker.contains(text) ? nil : text
    }.sorted()
    needed = stride(from: dynamic.offset, to: dynamic.offset + dynamic.size, by: 16).compactMap { at in
      guard file.word(at) == 1, let name = file.word(at + 8) else { return nil }
      return file.text(libraries.offset + name)
    }
  }

  /// Every linker adds these.
  private static let ofTheLinker: Set<String> = ["_init", "_fini", "_edata", "__bss_start", "_end"]

  private struct Section {
    static let dynamic = 6
    static let dynamicSymbols = 11
    let type, offset, size, link: Int

    init?(_ file: Bytes, at start: Int) {
      guard let type = file.quarter(start + 4), let offset = file.word(start + 24), let size = file.word(start + 32),
        let link = file.quarter(start + 40), type == 8 || file.bytes.count - size >= offset
      else { return nil }
      (self.type, self.offset, self.size, self.link) = (type, offset, size, link)
    }
  }

  /// Numbers in this machine's byte order; nil after the end.
  private struct Bytes {
    let bytes: UnsafeRawBufferPointer

    private func load<T: FixedWidthInteger>(_ at: Int, _: T.Type) -> Int? {
      guard at >= 0, at <= bytes.count - MemoryLayout<T>.size else { return nil }
      return Int(exactly: bytes.loadUnaligned(fromByteOffset: at, as: T.self))
    }
    func byte(_ at: Int) -> Int? { load(at, UInt8.self) }
    func half(_ at: Int) -> Int? { load(at, UInt16.self) }
    func quarter(_ at: Int) -> Int? { load(at, UInt32.self) }
    func word(_ at: Int) -> Int? { load(at, UInt64.self).flatMap { $0 < mostBytes ? $0 : nil } }
    func text(_ at: Int) -> String {
      guard at >= 0, at < bytes.count else { return "" }
      return String(decoding: bytes[at...].prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
