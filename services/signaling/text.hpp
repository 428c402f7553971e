// Rules for what people type: names, room names, emoji and chat text. Each returns what is wrong as a
// sentence for the one who typed it, or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace connectsphere::signaling {

enum class LineBreaks { refused, allowed };

bool is_utf8(std::string_view text);
bool has_control_characters(std::string_view text, LineBreaks line_breaks);  // C0, DEL, C1 and bidi overrides

// `what` begins the sentence: "the name", "the room".
std::optional<std::string> fault_in_line(std::string_view what, std::string_view text, std::size_t max_bytes);
std::optional<std::string> fault_in_chat(std::string_view text, std::size_t max_bytes);

// Surrounding blanks removed.
std::string trimmed(std::string_view text);

// A name as the room shows and compares it: trimmed, in Unicode Normalization Form C, so that "é" typed as
// one character and as two is one name. The text must be valid UTF-8.
std::string canonical_name(std::string_view text);

}  // namespace connectsphere::signaling
