#include "cli/document.h"

#include <fmt/format.h>

#include "export/output_file.h"

namespace tflower::cli {
namespace {

std::string MarkdownCell(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += "\\|";
    else out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string Markdown(const Document& document) {
  std::string out = "# " + MarkdownCell(document.title) + "\n\n" + MarkdownCell(document.summary) + "\n";
  for (const Table& table : document.tables) {
    if (table.rows.empty()) continue;
    out += "\n## " + table.heading + "\n\n";
    for (const std::string& column : table.columns) out += "| " + column + " ";
    out += "|\n";
    for (size_t i = 0; i < table.columns.size(); ++i) out += "|---";
    out += "|\n";
    for (const auto& row : table.rows) {
      for (const std::string& cell : row) out += "| " + MarkdownCell(cell) + " ";
      out += "|\n";
    }
  }
  return out;
}

std::string Escape(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { --line: #d8dde3; --soft: #f4f6f8; --text: #1f2933; }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
input { font: inherit; padding: .4rem .6rem; width: 20rem; max-width: 100%; border: 1px solid var(--line); border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; margin-top: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { background: var(--soft); position: sticky; top: 0; }
td:first-child { font-family: ui-monospace, monospace; }
.state { display: inline-block; padding: 0 .5rem; border-radius: .8rem; color: #fff; white-space: nowrap; }
.builtin { background: #2e7d32; } .custom { background: #1565c0; } .select { background: #8e5a00; } .missing { background: #b3261e; }
</style>
)";

// Shows the rows that hold the text, and the headings that still have rows.
constexpr const char* kFilter = R"(<script>
const box = document.querySelector("input");
box.addEventListener("input", () => {
  const want = box.value.toLowerCase();
  for (const section of document.querySelectorAll("section")) {
    let any = false;
    for (const row of section.querySelectorAll("tbody tr")) {
      row.hidden = !row.textContent.toLowerCase().includes(want);
      any ||= !row.hidden;
    }
    section.hidden = !any;
  }
});
</script>
)";

// `text` of the summary is code.
std::string WithCode(const std::string& text) {
  std::string out;
  bool open = false;
  for (char c : text) {
    if (c != '`') out += c;
    else out += (open = !open) ? "<code>" : "</code>";
  }
  return out + (open ? "</code>" : "");
}

std::string HtmlTable(const Table& table) {
  std::string out = "<section>\n<h2>" + Escape(table.heading) + "</h2>\n<table>\n<thead><tr>";
  for (const std::string& column : table.columns) out += "<th>" + Escape(column) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell = Escape(row[i]);
      if (static_cast<int>(i) == table.state_column) out += fmt::format("<td><span class=\"state {}\">{}</span></td>", cell, cell);
      else out += "<td>" + cell + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table>\n</section>\n";
}

std::string Html(const Document& document) {
  std::string out = kHead;
  out += "<title>" + Escape(document.title) + "</title>\n<h1>" + Escape(document.title) + "</h1>\n<p>" + WithCode(Escape(document.summary)) + "</p>\n";
  out += "<input type=\"search\" placeholder=\"Filter rows\" aria-label=\"Filter rows\">\n";
  for (const Table& table : document.tables) if (!table.rows.empty()) out += HtmlTable(table);
  return out + kFilter + "</html>\n";
}

}  // namespace

Result<Format> ParseFormat(const std::string& name) {
  if (name == "json") return Format::kJson;
  if (name == "md") return Format::kMarkdown;
  if (name == "html") return Format::kHtml;
  return Error(Code::kUsage, "'" + name + "' is none of the formats json, md, html");
}

Result<Format> FormatOf(const std::string& path) {
  const size_t dot = path.rfind('.');
  return ParseFormat(dot == std::string::npos ? "" : path.substr(dot + 1));
}

std::string Render(const Document& document, Format format) {
  switch (format) {
    case Format::kMarkdown: return Markdown(document);
    case Format::kHtml: return Html(document);
    default: return document.data.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
}

Status WriteTextFile(const std::string& path, const std::string& text) {
  TFLOWER_TRY(exporter::OutputFile file, exporter::OutputFile::Create(path));
  TFLOWER_CHECK(file.Write(std::as_bytes(std::span(text))));
  return file.Commit();
}

Status WriteDocument(const Document& document, const std::string& path) {
  TFLOWER_TRY(const Format format, FormatOf(path));
  return WriteTextFile(path, Render(document, format));
}

}  // namespace tflower::cli
