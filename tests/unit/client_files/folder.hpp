// A folder of a test's own, that goes with it, and files in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "lib/base/bytes.hpp"
#include "lib/wire/sha256.hpp"

namespace connectsphere::client {

struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "cs-files-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::filesystem::path write(const std::string& name, const std::string& content) const {
        std::ofstream(path / name, std::ios::binary) << content;
        return path / name;
    }
    std::string read(const std::string& name) const {
        std::ifstream in(path / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::filesystem::path path;
};

inline std::string content_of(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
}

inline std::string hash_of(const std::string& content) {
    return std::string(as_text(wire::sha256(as_bytes(content))));
}

}  // namespace connectsphere::client
