#include "lib/wire/jpeg.hpp"

#include <algorithm>
#include <cstring>

#include "lib/wire/jpeg_tables.hpp"

namespace connectsphere::wire {

namespace {

// Markers (ITU-T T.81 table B.1), each after a byte 0xFF.
constexpr std::uint8_t kSof0 = 0xC0;  // baseline; the other frame types are C1..CF but for C4, C8 and CC
constexpr std::uint8_t kDht = 0xC4;
constexpr std::uint8_t kJpg = 0xC8;
constexpr std::uint8_t kDac = 0xCC;
constexpr std::uint8_t kRst0 = 0xD0;
constexpr std::uint8_t kRst7 = 0xD7;
constexpr std::uint8_t kSoi = 0xD8;
constexpr std::uint8_t kEoi = 0xD9;
constexpr std::uint8_t kSos = 0xDA;
constexpr std::uint8_t kDqt = 0xDB;
constexpr std::uint8_t kDri = 0xDD;

constexpr std::uint8_t kSampling422 = 0x21;  // horizontal and vertical factor of the luma component
constexpr std::uint8_t kSampling420 = 0x22;

Error unsupported(const char* what) { return {Errc::unsupported, what}; }
Error malformed(const char* what) { return {Errc::malformed, what}; }

class FileParser {
  public:
    explicit FileParser(Bytes file) : r_(file) {}

    Result<JpegFrame> run() {
        if (r_.u8() != 0xFF || r_.u8() != kSoi) return r_.ok() ? malformed("no jpeg") : truncated();
        while (true) {
            std::uint8_t marker = r_.u8();
            if (r_.ok() && marker != 0xFF) return malformed("jpeg marker");
            while (r_.ok() && marker == 0xFF) marker = r_.u8();  // fill bytes are allowed before a marker
            const std::size_t length = r_.u16();
            if (r_.ok() && length < 2) return malformed("jpeg segment");
            const Bytes segment = r_.bytes(length - 2);
            if (!r_.ok()) return truncated();
            const auto parsed = parse_segment(marker, segment);
            if (!parsed) return parsed.error();
            if (marker == kSos) return take_scan();
        }
    }

  private:
    static Error truncated() { return {Errc::truncated, "jpeg"}; }

    Result<void> parse_segment(std::uint8_t marker, Bytes segment) {
        if (marker == kSof0) return parse_frame_header(segment);
        if (marker == kDqt) return parse_quant_tables(segment);
        if (marker == kDht) return parse_huffman_tables(segment);
        if (marker == kDri) return parse_restart_interval(segment);
        if (marker == kSos) return parse_scan_header(segment);
        const bool is_other_frame = marker > kSof0 && marker <= 0xCF && marker != kJpg && marker != kDac;
        if (is_other_frame) return unsupported("only baseline jpeg can travel in rtp");
        if (marker == kDac) return unsupported("arithmetic coding can not travel in rtp");
        if (marker == kSoi || marker == kEoi || marker == 0) return malformed("jpeg marker");
        return {};  // application data and comments stay behind
    }

    Result<void> parse_frame_header(Bytes segment) {
        if (has_frame_) return malformed("two jpeg frames");
        Reader r(segment);
        const int precision = r.u8();
        frame_.height = r.u16();
        frame_.width = r.u16();
        const int components = r.u8();
        if (!r.ok()) return malformed("jpeg frame header");
        if (precision != 8) return unsupported("jpeg samples must have 8 bits");
        if (components != 3) return unsupported("jpeg must have three components");
        for (const int side : {frame_.width, frame_.height}) {
            if (side == 0 || side % 8 != 0) return unsupported("jpeg sides must be multiples of 8");
            if (side > kMaxJpegSide) return unsupported("jpeg sides must be at most 2040");
        }
        std::array<std::uint8_t, 3> factors{};
        for (std::size_t i = 0; i < 3; ++i) {
            component_[i] = r.u8();
            factors[i] = r.u8();
            quant_of_[i] = r.u8();
        }
        if (!r.ok() || r.left() != 0) return malformed("jpeg frame header");
        if ((factors[0] != kSampling420 && factors[0] != kSampling422) || factors[1] != 0x11 ||
            factors[2] != 0x11) {
            return unsupported("jpeg must be 4:2:0 or 4:2:2");
        }
        frame_.sampling = factors[0] == kSampling420 ? JpegSampling::yuv420 : JpegSampling::yuv422;
        has_frame_ = true;
        return {};
    }

    Result<void> parse_quant_tables(Bytes segment) {
        Reader r(segment);
        while (r.left() > 0) {
            const std::uint8_t head = r.u8();
            if (head >> 4 != 0) return unsupported("jpeg quantisation tables must have 8 bits");
            const Bytes table = r.bytes(64);
            if (!r.ok() || head >= quant_.size()) return malformed("jpeg quantisation table");
            std::copy(table.begin(), table.end(), quant_[head].begin());
            has_quant_[head] = true;
        }
        return {};
    }

    static Result<void> parse_huffman_tables(Bytes segment) {
        Reader r(segment);
        while (r.left() > 0) {
            const std::uint8_t id = r.u8();
            const Bytes counts = r.bytes(16);
            std::size_t symbols = 0;
            for (const auto count : counts) symbols += count;
            const Bytes values = r.bytes(symbols);
            if (!r.ok()) return malformed("jpeg huffman table");
            const auto& tables = standard_huffman_tables();
            const bool is_standard =
                std::any_of(tables.begin(), tables.end(), [&](const HuffmanTable& table) {
                    return table.id == id && std::equal(counts.begin(), counts.end(), table.counts.begin()) &&
                           std::equal(values.begin(), values.end(), table.symbols.begin(),
                                      table.symbols.end());
                });
            if (!is_standard) return unsupported("jpeg must use the standard huffman tables");
        }
        return {};
    }

    Result<void> parse_restart_interval(Bytes segment) {
        Reader r(segment);
        frame_.restart_interval = r.u16();
        if (!r.ok() || r.left() != 0) return malformed("jpeg restart interval");
        return {};
    }

    // One scan of all three components, whose tables are those that the receiver will assume.
    Result<void> parse_scan_header(Bytes segment) {
        if (!has_frame_) return malformed("jpeg scan without a frame");
        Reader r(segment);
        if (r.u8() != 3) return unsupported("jpeg must have one interleaved scan");
        for (std::size_t i = 0; i < 3; ++i) {
            const std::uint8_t component = r.u8();
            const std::uint8_t tables = r.u8();
            if (component != component_[i]) return unsupported("jpeg components are out of order");
            if (tables != (i == 0 ? 0x00 : 0x11)) return unsupported("jpeg huffman tables are out of order");
        }
        r.skip(3);  // spectral selection and approximation, which mean nothing in baseline
        if (!r.ok() || r.left() != 0) return malformed("jpeg scan header");
        if (quant_of_[1] != quant_of_[2]) return unsupported("jpeg chroma must share a quantisation table");
        for (const auto id : {quant_of_[0], quant_of_[1]}) {
            if (id >= quant_.size() || !has_quant_[id])
                return malformed("jpeg quantisation table is missing");
        }
        frame_.tables = {.luma = quant_[quant_of_[0]], .chroma = quant_[quant_of_[1]]};
        return {};
    }

    // In the scan 0xFF is followed by 0 (a stuffed data byte) or a restart marker; anything else ends it.
    Result<JpegFrame> take_scan() {
        const Bytes rest = r_.rest();
        std::size_t at = 0;
        while (at + 1 < rest.size()) {
            const void* found = std::memchr(rest.data() + at, 0xFF, rest.size() - 1 - at);
            if (found == nullptr) break;
            at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - rest.data());
            const std::uint8_t next = rest[at + 1];
            if (next == kEoi) {
                if (at == 0) return malformed("jpeg scan is empty");
                if (at > kMaxJpegScan) return Error{Errc::oversized, "jpeg"};
                frame_.scan = rest.first(at);
                return frame_;
            }
            const bool is_data = next == 0 || (next >= kRst0 && next <= kRst7);
            if (!is_data && next != 0xFF) return unsupported("jpeg must have one interleaved scan");
            at += next == 0xFF ? 1 : 2;
        }
        return truncated();
    }

    Reader r_;
    JpegFrame frame_;
    bool has_frame_ = false;
    std::array<std::uint8_t, 3> component_{};
    std::array<std::uint8_t, 3> quant_of_{};
    std::array<QuantTable, 4> quant_{};
    std::array<bool, 4> has_quant_{};
};

constexpr std::size_t kMaxHeadersSize = 640;  // they take 611 at most

void write_marker(Writer& w, std::uint8_t marker) {
    w.u8(0xFF);
    w.u8(marker);
}

void write_quant_table(Writer& w, std::uint8_t id, const QuantTable& table) {
    write_marker(w, kDqt);
    w.u16(2 + 1 + 64);
    w.u8(id);
    w.bytes(table);
}

void write_huffman_table(Writer& w, const HuffmanTable& table) {
    write_marker(w, kDht);
    w.u16(static_cast<std::uint16_t>(2 + 1 + table.counts.size() + table.symbols.size()));
    w.u8(table.id);
    w.bytes(table.counts);
    w.bytes(table.symbols);
}

void write_frame_header(Writer& w, const JpegFrame& frame) {
    write_marker(w, kSof0);
    w.u16(17);
    w.u8(8);
    w.u16(frame.height);
    w.u16(frame.width);
    w.u8(3);
    for (std::uint8_t component = 0; component < 3; ++component) {
        const bool is_luma = component == 0;
        const std::uint8_t factors = frame.sampling == JpegSampling::yuv420 ? kSampling420 : kSampling422;
        w.u8(component);
        w.u8(is_luma ? factors : 0x11);
        w.u8(is_luma ? 0 : 1);
    }
}

void write_scan_header(Writer& w) {
    write_marker(w, kSos);
    w.u16(12);
    w.u8(3);
    for (std::uint8_t component = 0; component < 3; ++component) {
        w.u8(component);
        w.u8(component == 0 ? 0x00 : 0x11);
    }
    w.u8(0);   // first coefficient
    w.u8(63);  // last coefficient
    w.u8(0);
}

void write_headers(Writer& w, const JpegFrame& frame) {
    write_marker(w, kSoi);
    write_quant_table(w, 0, frame.tables.luma);
    write_quant_table(w, 1, frame.tables.chroma);
    if (frame.restart_interval != 0) {
        write_marker(w, kDri);
        w.u16(4);
        w.u16(frame.restart_interval);
    }
    write_frame_header(w, frame);
    for (const auto& table : standard_huffman_tables()) write_huffman_table(w, table);
    write_scan_header(w);
}

}  // namespace

QuantTables standard_quant_tables(int quality) {
    const int q = std::clamp(quality, 1, 99);
    const int factor = q < 50 ? 5000 / q : 200 - 2 * q;
    const auto scale = [factor](QuantTable table) {
        for (auto& value : table) {
            value = static_cast<std::uint8_t>(std::clamp((value * factor + 50) / 100, 1, 255));
        }
        return table;
    };
    const QuantTables& reference = reference_quant_tables();
    return {.luma = scale(reference.luma), .chroma = scale(reference.chroma)};
}

Result<JpegFrame> parse_jpeg(Bytes file) { return FileParser(file).run(); }

void write_jpeg(const JpegFrame& frame, Buffer& out) {
    out.resize(kMaxHeadersSize);
    Writer w(out);
    write_headers(w, frame);
    out.resize(w.size());
    out.insert(out.end(), frame.scan.begin(), frame.scan.end());
    out.push_back(0xFF);
    out.push_back(kEoi);
}

}  // namespace connectsphere::wire
