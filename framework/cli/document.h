// A report of tables, as JSON, Markdown or one self-contained HTML page.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tflower/status.h"

namespace tflower::cli {

using Json = nlohmann::ordered_json;

struct Table {
  std::string heading;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  int state_column = -1;  // its words colour the rows in HTML: builtin, select, custom, missing
};

struct Document {
  std::string title, summary;
  std::vector<Table> tables;  // Markdown and HTML
  Json data;                  // JSON
};

enum class Format { kJson, kMarkdown, kHtml };

// By name ("json", "md", "html"), or by the ending of a file's name. kUsage.
Result<Format> ParseFormat(const std::string& name);
Result<Format> FormatOf(const std::string& path);

std::string Render(const Document& document, Format format);
// Appears at `path` whole or not at all, in the format that its ending says.
Status WriteDocument(const Document& document, const std::string& path);
Status WriteTextFile(const std::string& path, const std::string& text);

}  // namespace tflower::cli
