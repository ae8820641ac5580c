import Foundation
import Testing

/// A browser without a window, for files of this machine.
struct Browser {
  enum Scheme: Int, CaseIterable {
    // As Chromium numbers them.
    case dark, light
  }

  private let program: String
  let folder: URL

  init(folder: URL) throws {
    self.folder = folder
    program = try #require(
      ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].first {
        FileManager.default.isExecutableFile(atPath: $0)
      },
      "there is no Chromium: scripts/needs test installs it")
  }

  /// What a page holds when its scripts have run, and what it said to the console.
  func contents(of page: URL, _ scheme: Scheme) throws -> (page: String, console: [String]) {
    let run = try run(page, scheme, ["--dump-dom", "--virtual-time-budget=10000", "--enable-logging=stderr"])
    return (run.output, run.errors.split(separator: "\n").map(String.init).filter { $0.contains("CONSOLE") })
  }

  /// As a PNG.
  func picture(of page: URL, _ scheme: Scheme, width: Int, height: Int, to name: String) throws -> Data {
    let file = folder.appending(path: name)
    _ = try run(
      page, scheme,
      [
        "--screenshot=\(file.path)", "--window-size=\(width),\(height)", "--hide-scrollbars",
        "--virtual-time-budget=10000",
      ]
    )
    return try Data(contentsOf: file)
  }

  private func run(_ page: URL, _ scheme: Scheme, _ arguments: [String]) throws -> Program.Outcome {
    let run = try Program.run(
      program,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--allow-file-access-from-files",
        "--no-first-run", "--user-data-dir=\(folder.appending(path: "profile").path)",
        "--blink-settings=preferredColorScheme=\(scheme.rawValue)",
      ] + arguments + [page.absoluteString], in: folder)
    try #require(run.status == 0, "\(run)")
    return run
  }
}

/// A page that shows other pages at several widths, and looks at them as a reader would need them.
enum ReadingPage {
  /// - Parameter pages: as paths from the page's folder.
  static func text(of pages: [String], widths: [Int]) -> String {
    let frames = pages.flatMap { page in
      widths.map {
        "<iframe src=\"\(page)\" title=\"\(page) at \($0)\" style=\"width:\($0)px;height:900px;border:0\"></iframe>"
      }
    }
    return """
      <!DOCTYPE html><meta charset="utf-8"><title>reading</title>\(frames.joined())
      <pre id="found"></pre>
      <script>
      const found = [];
      function color(text) {
        const numbers = text.match(/[\\d.]+/g).map(Number);
        return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
      }
      function luminance(rgb) {
        const parts = rgb.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
      }
      function background(element, view) {
        for (let at = element; at; at = at.parentElement) {
          const back = color(view.getComputedStyle(at).backgroundColor);
          if (back.alpha === 1) return back.rgb;
        }
        return [255, 255, 255];
      }
      function look(frame) {
        const page = frame.contentDocument, view = frame.contentWindow, name = frame.title;
        const wide = page.documentElement.scrollWidth;
        found.push(`${name}: ${wide > frame.clientWidth ? "OVERFLOW " + wide : "fits"}`);
        found.push(`${name}: ${view.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"}`);
        if (page.querySelectorAll("h1").length !== 1) found.push(`${name}: HEADING`);
        for (const element of page.querySelectorAll("body *")) {
          const hasText = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== "");
          if (!hasText || element.getClientRects().length === 0) continue;
          const [a, b] = [luminance(color(view.getComputedStyle(element).color).rgb), luminance(background(element, view))];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < 4.5) found.push(`${name}: CONTRAST ${ratio.toFixed(2)} <${element.tagName} ${element.className}>`);
        }
      }
      window.addEventListener("load", () => {
        for (const frame of document.querySelectorAll("iframe")) look(frame);
        document.getElementById("found").textContent = "\\n" + found.join("\\n") + "\\nlooked at all";
      });
      </script>
      """
  }
}
