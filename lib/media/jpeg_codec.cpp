#include "lib/media/jpeg_codec.hpp"

#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace connectsphere::media {
namespace {

constexpr int kBlockSide = 8;  // RFC 2435 counts sides in blocks of 8 pixels
constexpr int kDecodeFlags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;

void destroy(void* handle) { tjDestroy(handle); }

std::array<const unsigned char*, 3> planes_of(const Image& image) {
    std::array<const unsigned char*, 3> out{};
    for (int i = 0; i < 3; ++i) out[static_cast<std::size_t>(i)] = &image.pixels[plane(image, i).offset];
    return out;
}

Error error_of(void* handle, Errc code) { return {code, std::string("jpeg: ") + tjGetErrorStr2(handle)}; }

// Averages each pair of rows: the colours of 4:2:2 become those of 4:2:0.
void halve_rows(const unsigned char* in, int in_height, unsigned char* out, Plane to) {
    for (int y = 0; y < to.height; ++y) {
        const auto* above = in + 2 * y * to.width;
        const auto* below = in + std::min(2 * y + 1, in_height - 1) * to.width;
        for (int x = 0; x < to.width; ++x) {
            *out++ = static_cast<unsigned char>((above[x] + below[x] + 1) / 2);
        }
    }
}

}  // namespace

JpegEncoder::JpegEncoder() : handle_(tjInitCompress(), destroy) {
    if (!handle_) throw std::runtime_error("jpeg: no encoder");
}

Result<Bytes> JpegEncoder::encode(const Image& image, int quality) {
    if (image.width < 1 || image.height < 1) return Error{Errc::usage, "jpeg: empty image"};
    const bool fits = image.width % kBlockSide == 0 && image.height % kBlockSide == 0;
    if (!fits) pad_to_multiple(image, kBlockSide, padded_);
    const Image& in = fits ? image : padded_;
    if (in.width > kMaxJpegSide || in.height > kMaxJpegSide) {
        return Error{Errc::oversized, "jpeg: a side is longer than 2040"};
    }

    unsigned long size = tjBufSize(in.width, in.height, TJSAMP_420);
    if (out_.size() < size) out_.resize(size);
    unsigned char* out = out_.data();
    int failed = 0;
    if (in.format == PixelFormat::bgr) {
        failed = tjCompress2(handle_.get(), in.pixels.data(), in.width, 0, in.height, TJPF_BGR, &out, &size,
                             TJSAMP_420, quality, TJFLAG_NOREALLOC);
    } else {
        auto planes = planes_of(in);
        failed = tjCompressFromYUVPlanes(handle_.get(), planes.data(), in.width, nullptr, in.height,
                                         TJSAMP_420, &out, &size, quality, TJFLAG_NOREALLOC);
    }
    if (failed != 0) return error_of(handle_.get(), Errc::usage);
    return Bytes(out_).first(size);
}

JpegDecoder::JpegDecoder() : handle_(tjInitDecompress(), destroy) {
    if (!handle_) throw std::runtime_error("jpeg: no decoder");
}

Result<void> JpegDecoder::decode(Bytes jpeg, PixelFormat format, Image& out) {
    auto decoded = try_decode(jpeg, format, out);
    // After some errors (a truncated quantisation table) TurboJPEG fails for ever: begin afresh.
    if (!decoded) handle_.reset(tjInitDecompress());
    return decoded;
}

Result<void> JpegDecoder::try_decode(Bytes jpeg, PixelFormat format, Image& out) {
    if (!handle_) return Error{Errc::unavailable, "jpeg: no decoder"};
    int width = 0;
    int height = 0;
    int subsampling = 0;
    int colorspace = 0;
    if (tjDecompressHeader3(handle_.get(), jpeg.data(), jpeg.size(), &width, &height, &subsampling,
                            &colorspace) != 0) {
        return error_of(handle_.get(), Errc::malformed);
    }
    if (width < 1 || height < 1) return Error{Errc::malformed, "jpeg: empty picture"};
    if (width > kMaxJpegSide || height > kMaxJpegSide) {
        return Error{Errc::oversized, "jpeg: a side is longer than 2040"};
    }
    if (format == PixelFormat::i420 && subsampling != TJSAMP_420 && subsampling != TJSAMP_422) {
        return Error{Errc::unsupported, "jpeg: neither 4:2:0 nor 4:2:2"};
    }
    resize(out, format, width, height);
    if (format == PixelFormat::i420) return decode_i420(jpeg, subsampling, out);
    if (tjDecompress2(handle_.get(), jpeg.data(), jpeg.size(), out.pixels.data(), width, 0, height, TJPF_BGR,
                      kDecodeFlags) != 0) {
        return error_of(handle_.get(), Errc::malformed);
    }
    return {};
}

Result<void> JpegDecoder::decode_i420(Bytes jpeg, int subsampling, Image& out) {
    std::array<unsigned char*, 3> planes{};
    for (int i = 0; i < 3; ++i) planes[static_cast<std::size_t>(i)] = &out.pixels[plane(out, i).offset];
    const auto halved = planes;
    const Plane small = plane(out, 1);
    const auto tall = static_cast<std::size_t>(small.width) * static_cast<std::size_t>(out.height);
    if (subsampling == TJSAMP_422) {
        chroma_.resize(2 * tall);
        planes[1] = chroma_.data();
        planes[2] = chroma_.data() + tall;
    }
    if (tjDecompressToYUVPlanes(handle_.get(), jpeg.data(), jpeg.size(), planes.data(), out.width, nullptr,
                                out.height, kDecodeFlags) != 0) {
        return error_of(handle_.get(), Errc::malformed);
    }
    if (subsampling == TJSAMP_422) {
        halve_rows(planes[1], out.height, halved[1], small);
        halve_rows(planes[2], out.height, halved[2], small);
    }
    return {};
}

}  // namespace connectsphere::media
