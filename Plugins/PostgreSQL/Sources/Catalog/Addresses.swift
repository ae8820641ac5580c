import BelayDriverKit

/// Reads pg_depend: which object a row of a system catalog belongs to, and which objects depend on which.
struct Addresses {
  typealias Address = CatalogRow.Address

  /// Members of extensions.
  private(set) var members: Set<Address> = []
  /// Tables of extensions that hold rows of the user's.
  private(set) var configurations: Set<UInt32> = []
  /// From part to whole: from a row type to its table, from an index to its constraint, from a member to its extension.
  private var wholes: [Address: Address] = [:]
  private(set) var needs: [(object: Address, need: Address)] = []

  init(version: Int, _ run: (_ sql: String) throws(DriverFailure) -> Reply) throws(DriverFailure) {
    for row in try run(Self.parts(version)).rows {
      guard let part = Self.address(row, 0), let whole = Self.address(row, 2) else { continue }
      wholes[part] = whole
      if row[4] == "t" { members.insert(part) }
    }
    for row in try run(Self.configurations).rows {
      if let oid = row[0].flatMap(UInt32.init) { configurations.insert(oid) }
    }
    for row in try run(Self.dependencies).rows {
      if let object = Self.address(row, 0), let need = Self.address(row, 2) { needs.append((object, need)) }
    }
  }

  /// What is asked for them.
  static func queries(_ version: Int) -> [String] { [parts(version), configurations, dependencies] }

  /// Follows part to whole until it finds an object that is known.
  func whole(of address: Address, known: (Address) -> Bool) -> Address? {
    var address = address
    // A chain has a handful of steps; a cycle in a damaged catalog would never end.
    for _ in 0..<10 {
      if known(address) { return address }
      guard let next = wholes[address] else { return nil }
      address = next
    }
    return nil
  }

  private static func address(_ row: [String?], _ column: Int) -> Address? {
    guard let catalog = row[column].flatMap(UInt32.init), let oid = row[column + 1].flatMap(UInt32.init) else {
      return nil
    }
    return Address(catalog: catalog, oid: oid)
  }

  private static let configurations =
    "SELECT unnest(extconfig)::oid::text FROM pg_extension WHERE extconfig IS NOT NULL"

  /// 16384 is the first OID that initdb leaves to users. Schemas come first by rank.
  private static let dependencies = """
    SELECT DISTINCT classid::oid, objid, refclassid::oid, refobjid FROM pg_depend
    WHERE deptype IN ('n', 'a', 'i', 'P', 'S') AND objid >= 16384 AND refobjid >= 16384
      AND refclassid <> 'pg_namespace'::regclass AND classid NOT IN ('pg_ts_config_map'::regclass)
      AND NOT (classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'i'
        AND refobjsubid = 0)
      AND NOT (classid = 'pg_type'::regclass AND refclassid = 'pg_class'::regclass)
      AND NOT (classid = refclassid AND objid = refobjid)
    """

  private static func parts(_ version: Int) -> String {
    var parts = [
      """
      SELECT classid::oid, objid, refclassid::oid, refobjid, true FROM pg_depend WHERE deptype = 'e'
      """,
      // The row type of a table is the table's; a composite type's relation is the type's.
      """
      SELECT 'pg_type'::regclass, t.oid, 'pg_class'::regclass, c.oid, false
      FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE c.relkind <> 'c' AND t.oid >= 16384
      """,
      """
      SELECT 'pg_class'::regclass, c.oid, 'pg_type'::regclass, c.reltype, false
      FROM pg_class c WHERE c.relkind = 'c' AND c.oid >= 16384
      """,
      """
      SELECT 'pg_type'::regclass, t.typarray, 'pg_type'::regclass, t.oid, false
      FROM pg_type t WHERE t.typarray <> 0 AND t.oid >= 16384
      """,
      """
      SELECT 'pg_class'::regclass, conindid, 'pg_constraint'::regclass, oid, false
      FROM pg_constraint WHERE contype IN ('p', 'u', 'x') AND conindid <> 0
      """,
      """
      SELECT 'pg_rewrite'::regclass, oid, 'pg_class'::regclass, ev_class, false
      FROM pg_rewrite WHERE rulename = '_RETURN' AND oid >= 16384
      """,
      """
      SELECT 'pg_attrdef'::regclass, d.oid, 'pg_class'::regclass, d.adrelid, false
      FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated <> ''
      """,
      // Operators and functions of classes and families; functions made with a range.
      """
      SELECT classid::oid, objid, refclassid::oid, refobjid, false FROM pg_depend
      WHERE objid >= 16384 AND ((classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
          AND refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass))
        OR (classid = 'pg_proc'::regclass AND deptype = 'i'))
      """,
      "SELECT 'pg_publication_rel'::regclass, oid, 'pg_publication'::regclass, prpubid, false FROM pg_publication_rel",
    ]
    if version >= 140000 {
      parts.append(
        """
        SELECT 'pg_type'::regclass, rngmultitypid, 'pg_type'::regclass, rngtypid, false
        FROM pg_range WHERE rngtypid >= 16384
        """)
    }
    return parts.joined(separator: "\nUNION ALL\n")
  }
}
