import Testing

@testable import BelayText

@Suite("A URL for the log")
struct RedactedURLTests {
  @Test(
    "secrets are hidden, the rest stays",
    arguments: [
      ("acme:app.db", "acme:app.db"),
      ("acme:/home/me@corp.example/app.db", "acme:/home/me@corp.example/app.db"),
      ("acme:///home/me@corp.example/app.db", "acme:///home/me@corp.example/app.db"),
      ("acme:node_modules/@scope/app.db", "acme:node_modules/@scope/app.db"),
      ("acme:/data/2026-11-28T12:30:00/app.db", "acme:/data/2026-11-28T12:30:00/app.db"),
      ("acme:/data/my tokens/app.db", "acme:/data/my tokens/app.db"),
      ("acme:img@2x.db", "acme:img@2x.db"),
      ("acme:shop@2026-11-29.sqlite3?mode=ro", "acme:shop@2026-11-29.sqlite3?mode=ro"),
      ("acme:me@corp.example/Shop.DB", "acme:me@corp.example/Shop.DB"),
      ("acme:@2x.db", "acme:@2x.db"),
      ("acme:a@b@2x.sqlite", "acme:a@b@2x.sqlite"),
      // It may be a user and a password as well.
      ("acme:img@2x", "acme:***@2x"),
      ("acme:img@db", "acme:***@db"),
      ("acme:img@host/shop.db/x", "acme:***@host/shop.db/x"),
      ("acme:me:img@2x.db", "acme:me:***@2x.db"),
      ("acme:img@2x.db?password=x", "acme:img@2x.db?password=***"),
      ("acme://host:5432/db", "acme://host:5432/db"),
      ("acme://[::1]:5432/db", "acme://[::1]:5432/db"),
      ("acme://one:5432,two:5433/db?target_session_attrs=any", "acme://one:5432,two:5433/db?target_session_attrs=any"),
      ("acme://token-db.example.com:5432/db", "acme://token-db.example.com:5432/db"),
      ("acme://user@host/db", "acme://user@host/db"),
      ("acme://user%40corp@host/db", "acme://user%40corp@host/db"),
      ("acme:///db?host=/var/run/acme", "acme:///db?host=/var/run/acme"),
      ("acme://user:secret@host:5432/db", "acme://user:***@host:5432/db"),
      ("acme://:secret@host/db", "acme://:***@host/db"),
      ("acme://user:se@cr/et:x@host/db", "acme://user:***@host/db"),
      ("acme://user:se?cr#et@host/db", "acme://user:***@host/db"),
      ("acme://host:5432/db?user=a@b", "acme://host:5432/db?user=a@b"),
      ("acme://h/db?password=x&sslmode=require", "acme://h/db?password=***&sslmode=require"),
      ("acme://h/db?a=1&API_TOKEN=x&b=2", "acme://h/db?a=1&API_TOKEN=***&b=2"),
      // It may be a part of the value.
      ("acme://h/db?key=x#frag", "acme://h/db?key=***"),
      ("acme://h/db?key", "acme://h/db?key"),
      ("acme://h/db?monkeys=3&token=", "acme://h/db?monkeys=***&token=***"),
      ("acme:host=h password='a b' user=u", "acme:host=h password=*** user=u"),
      // A quote in the middle of a value.
      ("acme:host=h password='a'b' user=u", "acme:host=h password=*** user=u"),
      ("acme:host=h password='a' b", "acme:host=h password=*** b"),
      ("acme:host=h password=*** b", "acme:host=h password=*** b"),
      ("acme:host=h password=***a b", "acme:host=h password=***"),
      ("", ""), (":", ":"), ("://", "://"), ("@", "@"), ("acme", "acme"),
    ])
  func redacted(url: String, shown: String) {
    #expect(redact(url: url) == shown)
    #expect(redact(url: shown) == shown)
  }

  /// What a person may have meant: `{}` stands for the scheme.
  private static let slips = [
    "{}:/me:S3cretPw@h/app", "{}:me:S3cretPw@h/app", "{}:///me:S3cretPw@h/app", "{}:////me:S3cretPw@h/app",
    "{}//me:S3cretPw@h/app", "{}/me:S3cretPw@h/app", "{};//me:S3cretPw@h/app", "{}:\\\\me:S3cretPw@h/app",
    "{}: //me:S3cretPw@h/app", " {}://me:S3cretPw@h/app", "{} ://me:S3cretPw@h/app", "://me:S3cretPw@h/app",
    "//me:S3cretPw@h/app", "me:S3cretPw@h/app", ":S3cretPw@h/app", "{}://me:S3cretPw@", "{}://me:S3cretPw",
    "{}://me:S3cretPw/app", "{}:me:S3cretPw", "{}:/me:S3cretPw", "{}:me:S3cretPw/app", "{}://me:S3cretPw@h:port/app",
    "{}://me:1234?S3cretPw@h/app", "{}://me:12/34S3cretPw@h/app", "{}://me:S3c@retPw@h/app", "{}://me/S3cretPw@h/app",
    "{}://me;S3cretPw@h/app", "{}://me S3cretPw@h/app", "{}://me::S3cretPw@h/app", "{}://h:5432/app?password:S3cretPw",
    "{}://h/app?pass=S3cretPw", "{}://h/app?PASSWORD=S3cretPw", "{}://h/app?p%61ssword=S3cretPw",
    "{}://h/app?passwordS3cretPw", "{}://h/app?password=a&S3cretPw&sslmode=x", "{}://h/app?password=a;S3cretPw",
    "{}://h/app?password=a S3cretPw", "{}://h/app;password=S3cretPw", "{}://h/app#password=S3cretPw",
    "{}:password=S3cretPw host=h", "{}:host=h password=a S3cretPw user=u", "{}:host=h password='a\\'S3cretPw' user=u",
    "{}:host=h password='a S3cretPw", "{}:host=h password=\"a S3cretPw\" user=u", "password=S3cretPw",
    "{}:password=S3cretPw",
    "{}://me:S3cretPw@h/app?user=x@y", "{}://me:S3cretPw@h1:1,h2:2/app", "{}://[me:S3cretPw@::1]/app",
  ]

  @Test(
    "a slip of the keyboard prints no password, whatever the driver",
    arguments: ["postgres", "postgresql", "mariadb", "mysql", "d1", "sqlite", "file", "acme+tls"], slips)
  func slip(scheme: String, typed: String) {
    let url = typed.replacing("{}", with: scheme)
    let shown = RedactedURL(url)
    for part in ["S3cretPw", "retPw"] { #expect(!shown.text.contains(part), "\(url) is shown as \(shown.text)") }
    #expect(redact(url: shown.text) == shown.text, "\(url)")
    // A driver quotes what it could not read.
    for part in url.split(whereSeparator: { "/?#@:&=; '".contains($0) }) where part.contains("S3cretPw") {
      let quoted = shown.hide(in: "invalid port \"\(part)\" in \(url)")
      #expect(!quoted.contains("S3cretPw"), "\(url): \(quoted)")
    }
  }

  @Test("cut short or with letters doubled, dropped and swapped, a URL prints no more of the password than was typed")
  func mutations() {
    let url = Array("postgres://me:S3cretPw@db.example.com:5432/app?sslmode=require")
    let password = "S3cretPw"
    for index in url.indices where url[index] != ":" || index < 10 {
      var (dropped, doubled) = (url, url)
      dropped.remove(at: index)
      doubled.insert(url[index], at: index)
      for text in [String(dropped), String(doubled)] {
        #expect(!redact(url: text).contains(password), "\(text) is shown as \(redact(url: text))")
      }
    }
  }

  @Test(
    "in a message, only what looks like a URL is touched",
    arguments: [
      ("Unexpected argument 'acme://me:S3cretPw@h/x'", "Unexpected argument 'acme://me:***@h/x'"),
      ("Unknown option '--stor'. Did you mean '--store'?", "Unknown option '--stor'. Did you mean '--store'?"),
      ("see `belay help migrate`: it says more", "see `belay help migrate`: it says more"),
      ("--url=acme://me:S3cretPw@h/x", "--url=acme:***@h/x"),
    ])
  func words(text: String, shown: String) {
    #expect(redact(words: text) == shown)
  }
}
