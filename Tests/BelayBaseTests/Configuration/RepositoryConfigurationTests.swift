import BelayBase
import Testing

@Suite("repositories: in belay.yaml")
struct RepositoryConfigurationTests {
  private func parse(_ text: String) throws(ConfigurationError) -> [RepositoryDefinition] {
    try Configuration.parse("targets: { shop: sqlite:x }\nrepositories:\n" + text, file: "/srv/shop/belay.yaml")
      .repositories
  }

  @Test func `a place alone and one with everything are read as written`() throws {
    let found = try parse(
      """
        nas: nas/backups
        offsite:
          url: rclone:b2:company-backups/shop/
          required: true
          if_none_match: true
          targets: [shop]
          kinds: [manual, scheduled]
          retention: { manual: { keep_last: 2 }, scheduled: forever }
      """)
    var offsite = RepositoryDefinition(
      name: "offsite", place: .rclone(remote: "b2", path: "company-backups/shop"))
    offsite.isRequired = true
    offsite.ifNoneMatch = true
    offsite.targets = ["shop"]
    offsite.kinds = ["manual", "scheduled"]
    offsite.retention = ["manual": try RetentionPolicy(counts: [.last: .most(2)], within: nil)]
    #expect(found == [RepositoryDefinition(name: "nas", place: .folder("/srv/shop/nas/backups")), offsite])
    #expect(offsite.takes(target: "shop", kind: "manual"))
    #expect(!offsite.takes(target: nil, kind: "manual") && !offsite.takes(target: "shop", kind: "before-migration"))
  }

  @Test(arguments: [
    ("  a b: /x", "valid name"), ("  a: {}", "no `url`"), ("  a: s3://bucket/x", "by rclone"),
    ("  a: rclone:b2", "names no remote"), ("  a: 'rclone::s3,secret_access_key=x:b'", "names no remote"),
    ("  a: 'rclone:s3,secret_access_key=x:b'", "settings in it"), ("  a: 'rclone:-x:b'", "settings in it"),
    ("  a: { url: /x, if_none_match: true }", "object stores"), ("  a: { url: /x, targets: [shp] }", "`shp`"),
    ("  a: { url: /x, kinds: [manuel] }", "kinds of archives"), ("  a: { url: /x, requird: true }", "unknown key"),
    ("  a: { url: /x, retention: { manual: {} } }", "retention"),
  ])
  func `what makes no sense is an error on its line`(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { try parse(text) }
    #expect(error?.line == 3 && error?.message.contains(message) == true, "\(String(describing: error))")
  }
}
