// PicturePlaces: where on the disk the pictures of each participant go. A name is no path; two names never
// share a folder; and nothing that is there already, of this call or of an earlier one, is written over: who
// leaves and returns goes on behind his last picture.
//
//   DIR/ann/000001.jpg, DIR/ann/000002.jpg …     FILE-ann.mkv, FILE-ann-2.mkv …
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace connectsphere::cli {

class PicturePlaces {
  public:
    explicit PicturePlaces(std::string where) : where_(std::move(where)) {}

    static constexpr std::string_view kMatroska = ".mkv";
    bool is_recording() const { return where_.ends_with(kMatroska); }

    // Makes an empty file for the next picture, or recording, of who bears this name.
    Result<std::filesystem::path> next_picture(const std::string& name);
    Result<std::filesystem::path> next_recording(const std::string& name);

  private:
    const std::string& folder_of(const std::string& name);

    std::string where_;
    std::map<std::string, std::string> folders_;     // by name
    std::map<std::string, std::string> names_;       // by folder
    std::map<std::string, std::uint64_t> pictures_;  // by folder: the number of the newest
};

}  // namespace connectsphere::cli
