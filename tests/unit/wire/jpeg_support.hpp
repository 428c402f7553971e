// Real JPEG files, made and read by TurboJPEG.
#pragma once

#include <turbojpeg.h>

#include <catch2/catch.hpp>

#include "lib/wire/jpeg.hpp"

namespace connectsphere::wire {

// A picture with edges and noise, so that its scan is long.
inline Buffer encode_jpeg(int width, int height, int subsampling = TJSAMP_420, int quality = 75,
                          int flags = 0) {
    Buffer pixels(static_cast<std::size_t>(width * height * 3));
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        noise = noise * 1664525 + 1013904223;
        pixels[i] = static_cast<std::uint8_t>(((i / 96) % 2) * 128 + (noise >> 27));
    }
    const tjhandle encoder = tjInitCompress();
    unsigned char* file = nullptr;
    unsigned long size = 0;
    const int status = tjCompress2(encoder, pixels.data(), width, 0, height, TJPF_RGB, &file, &size,
                                   subsampling, quality, flags);
    const Buffer bytes(file, file + size);
    tjFree(file);
    tjDestroy(encoder);
    REQUIRE(status == 0);
    return bytes;
}

inline Buffer decode_jpeg(Bytes file) {
    const tjhandle decoder = tjInitDecompress();
    int width = 0;
    int height = 0;
    int subsampling = 0;
    int colours = 0;
    int status =
        tjDecompressHeader3(decoder, file.data(), file.size(), &width, &height, &subsampling, &colours);
    Buffer pixels(static_cast<std::size_t>(width * height * 3));
    if (status == 0) {
        status = tjDecompress2(decoder, file.data(), file.size(), pixels.data(), width, 0, height, TJPF_RGB,
                               TJFLAG_STOPONWARNING);
    }
    tjDestroy(decoder);
    REQUIRE(status == 0);
    return pixels;
}

// Puts a restart interval into a file's headers. The scan has no markers then: for what does not decode.
inline Buffer with_restart_interval(const Buffer& file, std::uint16_t interval) {
    Buffer out(file.begin(), file.begin() + 2);
    for (const int byte : {0xFF, 0xDD, 0, 4, interval >> 8, interval & 0xFF}) {
        out.push_back(static_cast<std::uint8_t>(byte));
    }
    out.insert(out.end(), file.begin() + 2, file.end());
    return out;
}

}  // namespace connectsphere::wire
