#include "lib/media/tile_codec.hpp"

#include <zstd.h>

#include <stdexcept>

#include "lib/wire/jpeg.hpp"

namespace connectsphere::media {

namespace {

constexpr std::size_t kTilePixels = std::size_t{kTileSide} * kTileSide;
constexpr std::size_t kMaxPlain = 3 * kTilePixels;  // a palette of 256 and its indices take less
constexpr int kZstdLevel = 1;  // measured: level 9 saves 3 % of the bytes and takes six times as long
constexpr std::uint8_t kUnusedByte = 255;
constexpr int kJpegBlock = 8;

std::uint32_t colour_at(const std::uint8_t* pixel) {
    return static_cast<std::uint32_t>(pixel[0] | pixel[1] << 8 | pixel[2] << 16);
}

// Index bits of a palette: rows begin at whole bytes.
int bits_for(std::size_t colours) { return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8; }

std::size_t row_bytes(int width, int bits) { return static_cast<std::size_t>((width * bits + 7) / 8); }

std::uint8_t byte(int value) { return static_cast<std::uint8_t>(value); }

}  // namespace

// ---- encoding

void TileEncoder::Free::operator()(void* context) const { ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context)); }

TileEncoder::TileEncoder() : zstd_(ZSTD_createCCtx()) {
    auto* context = static_cast<ZSTD_CCtx*>(zstd_.get());
    if (!context) throw std::runtime_error("zstd: no context");
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kZstdLevel);
    plain_.resize(kMaxPlain);
    out_.resize(ZSTD_compressBound(kMaxPlain));
}

bool TileEncoder::is_flat(const TileView& tile) {
    // Open addressing; a slot holds the index of its colour plus 1.
    constexpr std::uint32_t kSlots = 1024;
    std::array<std::uint16_t, kSlots> slots{};
    colours_ = 0;
    std::uint32_t last = ~0U;
    std::uint8_t last_index = 0;
    auto* index = indices_.data();
    for (int y = 0; y < tile.height; ++y) {
        const auto* pixel = tile.data + static_cast<std::size_t>(y) * tile.stride;
        for (int x = 0; x < tile.width; ++x, pixel += 4) {
            const auto colour = colour_at(pixel);
            if (colour == last) {
                *index++ = last_index;
                continue;
            }
            auto slot = colour * 0x9E3779B1U >> 22;
            while (slots[slot] != 0 && palette_[slots[slot] - 1U] != colour) slot = (slot + 1) % kSlots;
            if (slots[slot] == 0) {
                if (colours_ == palette_.size()) {
                    colours_ = 0;
                    return false;
                }
                palette_[colours_++] = colour;
                slots[slot] = static_cast<std::uint16_t>(colours_);
            }
            last = colour;
            last_index = static_cast<std::uint8_t>(slots[slot] - 1);
            *index++ = last_index;
        }
    }
    return true;
}

EncodedTile TileEncoder::flat(const TileView& tile) {
    auto* out = plain_.data();
    const auto put_colour = [&](std::uint32_t colour) {
        for (int shift = 0; shift < 24; shift += 8) *out++ = static_cast<std::uint8_t>(colour >> shift);
    };
    if (colours_ == 1) {
        put_colour(palette_[0]);
        return {TileEncoding::solid, Bytes(plain_).first(3)};
    }
    *out++ = static_cast<std::uint8_t>(colours_ - 1);
    for (std::size_t i = 0; i < colours_; ++i) put_colour(palette_[i]);
    const int bits = bits_for(colours_);
    const auto* index = indices_.data();
    for (int y = 0; y < tile.height; ++y) {
        int filled = 0;
        unsigned packed = 0;
        for (int x = 0; x < tile.width; ++x) {
            packed = packed << bits | *index++;
            filled += bits;
            if (filled < 8) continue;
            *out++ = static_cast<std::uint8_t>(packed);
            filled = 0;
        }
        if (filled > 0) *out++ = static_cast<std::uint8_t>(packed << (8 - filled));
    }
    return {TileEncoding::palette, compress(static_cast<std::size_t>(out - plain_.data()))};
}

EncodedTile TileEncoder::planes(const TileView& tile) {
    const auto count = static_cast<std::size_t>(tile.width) * static_cast<std::size_t>(tile.height);
    auto* blue = plain_.data();
    auto* green = blue + count;
    auto* red = green + count;
    // Each byte less the one to its left, in a row that begins where the one above does: zstd sees small
    // numbers where the picture is smooth.
    int above[3] = {0, 0, 0};
    for (int y = 0; y < tile.height; ++y) {
        const auto* pixel = tile.data + static_cast<std::size_t>(y) * tile.stride;
        int left[3] = {above[0], above[1], above[2]};
        for (int x = 0; x < tile.width; ++x, pixel += 4) {
            const int now[3] = {pixel[0] - pixel[1], pixel[1], pixel[2] - pixel[1]};
            *blue++ = byte(now[0] - left[0]);
            *green++ = byte(now[1] - left[1]);
            *red++ = byte(now[2] - left[2]);
            for (int i = 0; i < 3; ++i) left[i] = now[i];
            if (x == 0) {
                for (int i = 0; i < 3; ++i) above[i] = now[i];
            }
        }
    }
    return {TileEncoding::planes, compress(3 * count)};
}

Bytes TileEncoder::compress(std::size_t size) {
    const auto written =
        ZSTD_compress2(static_cast<ZSTD_CCtx*>(zstd_.get()), out_.data(), out_.size(), plain_.data(), size);
    return Bytes(out_).first(ZSTD_isError(written) ? 0 : written);
}

EncodedTile TileEncoder::photo(const TileView& tile, int quality) {
    resize(image_, PixelFormat::bgr, tile.width, tile.height);
    auto* out = image_.pixels.data();
    for (int y = 0; y < tile.height; ++y) {
        const auto* pixel = tile.data + static_cast<std::size_t>(y) * tile.stride;
        for (int x = 0; x < tile.width; ++x, pixel += 4, out += 3) std::memcpy(out, pixel, 3);
    }
    const auto file = jpeg_.encode(image_, quality);
    if (!file) return exact(tile);
    const auto frame = wire::parse_jpeg(*file);
    if (!frame || frame->scan.size() + 1 > kMaxTileBytes) return exact(tile);
    out_[0] = static_cast<std::uint8_t>(quality);
    std::copy(frame->scan.begin(), frame->scan.end(), out_.begin() + 1);
    return {TileEncoding::scan, Bytes(out_).first(frame->scan.size() + 1)};
}

EncodedTile TileEncoder::patch(const TileView& tile, const PixelRect& part) {
    const auto encoded = exact({.data = tile.data + static_cast<std::size_t>(part.y) * tile.stride +
                                        4 * static_cast<std::size_t>(part.x),
                                .width = part.width,
                                .height = part.height,
                                .stride = tile.stride});
    patch_.assign({byte(part.x), byte(part.y), byte(part.width - 1), byte(part.height - 1),
                   static_cast<std::uint8_t>(encoded.encoding)});
    patch_.insert(patch_.end(), encoded.bytes.begin(), encoded.bytes.end());
    return {TileEncoding::patch, patch_};
}

// ---- decoding

void TileDecoder::Free::operator()(void* context) const { ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(context)); }

TileDecoder::TileDecoder() : zstd_(ZSTD_createDCtx()) {
    if (!zstd_) throw std::runtime_error("zstd: no context");
    plain_.resize(kMaxPlain);
}

Result<void> TileDecoder::decode(TileEncoding encoding, Bytes bytes, const MutableTileView& out) {
    switch (encoding) {
        case TileEncoding::solid: {
            if (bytes.size() != 3) return Error{Errc::malformed, "solid tile"};
            const std::uint8_t pixel[4] = {bytes[0], bytes[1], bytes[2], kUnusedByte};
            for (int y = 0; y < out.height; ++y) {
                auto* to = out.data + static_cast<std::size_t>(y) * out.stride;
                for (int x = 0; x < out.width; ++x, to += 4) std::memcpy(to, pixel, 4);
            }
            return {};
        }
        case TileEncoding::palette:
            return palette(bytes, out);
        case TileEncoding::planes:
            return planes(bytes, out);
        case TileEncoding::scan:
            return scan(bytes, out);
        case TileEncoding::patch:
            return patch(bytes, out);
    }
    return Error{Errc::unsupported, "tile encoding"};
}

// What does not fit into `limit` is refused before it is written: no bytes can make it take more.
Result<Bytes> TileDecoder::expand(Bytes bytes, std::size_t limit) {
    const auto size = ZSTD_decompressDCtx(static_cast<ZSTD_DCtx*>(zstd_.get()), plain_.data(),
                                          std::min(limit, plain_.size()), bytes.data(), bytes.size());
    if (ZSTD_isError(size)) return Error{Errc::malformed, "compressed tile"};
    return Bytes(plain_).first(size);
}

Result<void> TileDecoder::palette(Bytes bytes, const MutableTileView& out) {
    const auto plain = expand(bytes, 1 + 3 * 256 + kTilePixels);
    if (!plain) return plain.error();
    Reader r(*plain);
    const std::size_t colours = r.u8() + std::size_t{1};
    const Bytes palette = r.bytes(3 * colours);
    const int bits = bits_for(colours);
    const auto row = row_bytes(out.width, bits);
    const Bytes indices = r.bytes(row * static_cast<std::size_t>(out.height));
    if (!r.ok() || r.left() != 0) return Error{Errc::malformed, "palette tile"};
    const auto index_at = [&](int x, int y) {
        const auto at = x * bits;
        const unsigned packed = indices[static_cast<std::size_t>(y) * row + static_cast<std::size_t>(at / 8)];
        return std::size_t{packed >> (8 - bits - at % 8) & ((1U << bits) - 1)};
    };
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            if (index_at(x, y) >= colours) return Error{Errc::malformed, "palette index"};
        }
    }
    for (int y = 0; y < out.height; ++y) {
        auto* to = out.data + static_cast<std::size_t>(y) * out.stride;
        for (int x = 0; x < out.width; ++x, to += 4) {
            std::memcpy(to, &palette[3 * index_at(x, y)], 3);
            to[3] = kUnusedByte;
        }
    }
    return {};
}

Result<void> TileDecoder::planes(Bytes bytes, const MutableTileView& out) {
    const auto count = static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height);
    const auto plain = expand(bytes, 3 * count);
    if (!plain) return plain.error();
    if (plain->size() != 3 * count) return Error{Errc::malformed, "planes tile"};
    const auto* blue = plain->data();
    const auto* green = blue + count;
    const auto* red = green + count;
    int above[3] = {0, 0, 0};
    for (int y = 0; y < out.height; ++y) {
        auto* to = out.data + static_cast<std::size_t>(y) * out.stride;
        int left[3] = {above[0], above[1], above[2]};
        for (int x = 0; x < out.width; ++x, to += 4) {
            left[0] = byte(left[0] + *blue++);
            left[1] = byte(left[1] + *green++);
            left[2] = byte(left[2] + *red++);
            to[0] = byte(left[0] + left[1]);
            to[1] = byte(left[1]);
            to[2] = byte(left[2] + left[1]);
            to[3] = kUnusedByte;
            if (x == 0) {
                for (int i = 0; i < 3; ++i) above[i] = left[i];
            }
        }
    }
    return {};
}

Result<void> TileDecoder::scan(Bytes bytes, const MutableTileView& out) {
    if (bytes.size() < 2 || bytes[0] < 1 || bytes[0] > 99) return Error{Errc::malformed, "tile quality"};
    const auto padded = [](int side) {
        return static_cast<std::uint16_t>((side + kJpegBlock - 1) / kJpegBlock * kJpegBlock);
    };
    wire::write_jpeg({.width = padded(out.width),
                      .height = padded(out.height),
                      .tables = wire::standard_quant_tables(bytes[0]),
                      .scan = bytes.subspan(1)},
                     file_);
    if (const auto decoded = jpeg_.decode(file_, PixelFormat::bgr, image_); !decoded) return decoded.error();
    if (image_.width < out.width || image_.height < out.height) return Error{Errc::malformed, "tile size"};
    for (int y = 0; y < out.height; ++y) {
        auto* to = out.data + static_cast<std::size_t>(y) * out.stride;
        const auto* from =
            &image_.pixels[3 * static_cast<std::size_t>(y) * static_cast<std::size_t>(image_.width)];
        for (int x = 0; x < out.width; ++x, to += 4, from += 3) {
            std::memcpy(to, from, 3);
            to[3] = kUnusedByte;
        }
    }
    return {};
}

Result<void> TileDecoder::patch(Bytes bytes, const MutableTileView& out) {
    Reader r(bytes);
    const int x = r.u8(), y = r.u8(), width = r.u8() + 1, height = r.u8() + 1;
    const auto inner = static_cast<TileEncoding>(r.u8());
    const bool is_exact = inner >= TileEncoding::solid && inner <= TileEncoding::planes;
    if (!r.ok() || !is_exact || x + width > out.width || y + height > out.height)
        return Error{Errc::malformed, "tile patch"};
    return decode(
        inner, r.rest(),
        {.data = out.data + static_cast<std::size_t>(y) * out.stride + 4 * static_cast<std::size_t>(x),
         .width = width,
         .height = height,
         .stride = out.stride});
}

}  // namespace connectsphere::media
