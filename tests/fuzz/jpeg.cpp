#include "lib/media/jpeg_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace connectsphere::media;
    static JpegDecoder decoder;
    static Image out;
    (void)decoder.decode({data, size}, PixelFormat::i420, out);
    (void)decoder.decode({data, size}, PixelFormat::bgr, out);
    return 0;
}
