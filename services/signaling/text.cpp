#include "services/signaling/text.hpp"

#include <unictype.h>
#include <uninorm.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace connectsphere::signaling {

namespace {

// Decodes one code point at `i` and moves behind it; nothing for anything that RFC 3629 forbids.
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& i) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    const std::size_t length = lead < 0x80       ? 1
                               : lead >> 5 == 6  ? 2
                               : lead >> 4 == 14 ? 3
                               : lead >> 3 == 30 ? 4
                                                 : 0;
    if (length == 0 || i + length > text.size()) return std::nullopt;
    char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
        const auto byte = static_cast<std::uint8_t>(text[i + k]);
        if ((byte & 0xC0) != 0x80) return std::nullopt;
        code = code << 6 | (byte & 0x3F);
    }
    static constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return std::nullopt;
    i += length;
    return code;
}

bool is_control(char32_t code) {
    const bool c0_or_c1 = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool line_or_paragraph_separator = code == 0x2028 || code == 0x2029;
    // They reorder what stands around them, also outside the name (CVE-2021-42574).
    const bool bidi_override = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return c0_or_c1 || line_or_paragraph_separator || bidi_override;
}

// Something that a reader sees: not blanks alone, nor characters that draw nothing.
bool is_visible(std::string_view text) {
    constexpr char32_t kBrailleBlank = 0x2800;
    for (std::size_t i = 0; i < text.size();) {
        const auto code = next_code_point(text, i);
        if (!code) return false;
        const bool is_blank = uc_is_property_white_space(*code) || *code == kBrailleBlank;
        if (!is_blank && !uc_is_property_default_ignorable_code_point(*code)) return true;
    }
    return false;
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        if (!next_code_point(text, i)) return false;
    }
    return true;
}

bool has_control_characters(std::string_view text, LineBreaks line_breaks) {
    for (std::size_t i = 0; i < text.size();) {
        const auto code = next_code_point(text, i);
        if (!code) return true;
        if (line_breaks == LineBreaks::allowed && (*code == '\n' || *code == '\t')) continue;
        if (is_control(*code)) return true;
    }
    return false;
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::string canonical_name(std::string_view text) {
    const auto name = trimmed(text);
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(name.data());
    const std::unique_ptr<std::uint8_t, void (*)(void*)> composed(
        u8_normalize(UNINORM_NFC, bytes, name.size(), nullptr, &size), std::free);
    return composed ? std::string(composed.get(), composed.get() + size) : name;
}

std::optional<std::string> fault_in_line(std::string_view what, std::string_view text,
                                         std::size_t max_bytes) {
    const std::string subject(what);
    if (text.size() > max_bytes) {
        return subject + " is longer than " + std::to_string(max_bytes) + " bytes; choose a shorter one";
    }
    if (!is_utf8(text)) return subject + " is not valid UTF-8";
    if (has_control_characters(text, LineBreaks::refused))
        return subject + " has control characters; leave them out";
    if (!is_visible(text)) return subject + " is empty";
    return std::nullopt;
}

std::optional<std::string> fault_in_chat(std::string_view text, std::size_t max_bytes) {
    if (text.empty()) return "the message is empty";
    if (text.size() > max_bytes)
        return "the message is longer than " + std::to_string(max_bytes) + " bytes; split it";
    if (!is_utf8(text)) return "the message is not valid UTF-8";
    if (has_control_characters(text, LineBreaks::allowed))
        return "the message has control characters; leave them out";
    return std::nullopt;
}

}  // namespace connectsphere::signaling
