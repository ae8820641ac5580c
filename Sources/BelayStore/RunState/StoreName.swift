/// What runs, archives and scratch databases may be called. A name out of a journal or a manifest becomes a part of a path,
/// so it is checked when it is read.
package enum StoreName {
  /// Of runs and archives: one component of a path, and no hidden one. People may have renamed an archive's file, so that
  /// more is allowed than belay uses itself.
  package static func isName(_ text: String) -> Bool {
    (1...200).contains(text.utf8.count) && !text.hasPrefix(".")
      && text.unicodeScalars.allSatisfy { $0 != "/" && $0.properties.generalCategory != .control }
  }

  /// Of scratch databases, as the driver ABI promises them to drivers.
  package static func isScratch(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

extension Step {
  /// The first name in it that belay never writes; nil: all can be its own. Nothing may be done by such a step.
  package var impossibleName: String? {
    let (names, scratches) = names
    return names.first { !StoreName.isName($0) } ?? scratches.first { !StoreName.isScratch($0) }
  }

  private var names: (ofStore: [String], ofScratches: [String]) {
    switch self {
    case .began(let record): ([record.id], [])
    case .backingUp(let archive), .backedUp(let archive), .verified(let archive, _), .rollingBack(_, let archive),
      .restoring(let archive, _, _):
      ([archive], [])
    case .creatingScratch(let name, _), .droppedScratch(let name), .keepingPrevious(let name, _, _),
      .keptPrevious(let name, _, _, _):
      ([], [name])
    case .savedPrevious(let name, let archive): ([archive], [name])
    case .rehearsing, .rehearsed, .locking, .endingSessions, .applying, .statement, .wroteNoRows, .writesOnly,
      .committing, .committed, .checked, .marked, .rewinding, .rewound, .rewoundUnseen, .rolledBack, .proven,
      .restored, .stopped, .ended:
      ([], [])
    }
  }
}
