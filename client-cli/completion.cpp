#include "client-cli/completion.hpp"

#include <algorithm>

#include "client-cli/commands.hpp"

namespace connectsphere::cli {

namespace {

// After these a name stands.
constexpr std::string_view kBeforeName[] = {"/msg ", "/mute ", "/remove ", "/role ", "/hand down "};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many bytes two texts have in common at the front, ASCII letters whatever their case, never ending
// within a UTF-8 sequence.
std::size_t common(std::string_view a, std::string_view b) {
    std::size_t size = 0;
    while (size < a.size() && size < b.size() && lower(a[size]) == lower(b[size])) ++size;
    while (size > 0 && size < a.size() && (static_cast<unsigned char>(a[size]) & 0xC0) == 0x80) --size;
    return size;
}

// Of `words`, those that begin with `typed`; what they have in common replaces it, and one alone is followed
// by `end`.
Completion among(std::string_view typed, const std::vector<std::string>& words, std::string_view end) {
    Completion completion{.erase = typed.size(), .insert = {}, .choices = {}};
    for (const auto& word : words) {
        if (common(typed, word) == typed.size()) completion.choices.push_back(word);
    }
    if (completion.choices.empty()) return {};
    std::sort(completion.choices.begin(), completion.choices.end());
    completion.insert = completion.choices.front();
    for (const auto& word : completion.choices) {
        completion.insert.resize(common(completion.insert, word));
    }
    if (completion.choices.size() > 1) return completion;
    completion.insert += end;
    completion.choices.clear();
    return completion;
}

std::vector<std::string> quoted(std::vector<std::string> names) {
    for (auto& name : names) {
        if (name.find_first_of(" \t") != std::string::npos)
            name = std::string("\"").append(name).append("\"");
    }
    return names;
}

}  // namespace

Completion complete(std::string_view before, const std::vector<std::string>& names) {
    for (const auto command : kBeforeName) {
        if (!before.starts_with(command)) continue;
        const auto typed = before.substr(command.size());
        auto completion = among(typed, quoted(names), " ");
        if (!completion.insert.empty() || typed.starts_with('"')) return completion;
        // A name with blanks is found without its quote too.
        auto in_quotes = among('"' + std::string(typed), quoted(names), " ");
        if (in_quotes.erase > 0) --in_quotes.erase;
        return in_quotes;
    }
    if (before.starts_with('/')) {
        if (before.find(' ') != std::string_view::npos) return {};
        return among(before.substr(1), command_names(), " ");
    }
    const auto blank = before.rfind(' ');
    const auto typed = blank == std::string_view::npos ? before : before.substr(blank + 1);
    if (typed.empty()) return {};
    return among(typed, names, blank == std::string_view::npos ? ": " : " ");
}

}  // namespace connectsphere::cli
