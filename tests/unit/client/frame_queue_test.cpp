#include "lib/client/frame_queue.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

using namespace connectsphere::client;

namespace {

struct Frame {
    char name = 0;
    bool is_key_frame = false;
};
using Queue = FrameQueue<Frame>;

// A letter a frame: upper case is a key frame. Says which were refused.
std::string push(Queue& queue, std::uint64_t stream, std::string_view frames) {
    std::string refused;
    for (const auto name : frames) {
        if (!queue.push(stream, {name, name >= 'A' && name <= 'Z'})) refused += name;
    }
    return refused;
}

// What comes out: each frame behind its stream's number.
std::string drain(Queue& queue) {
    std::string out;
    while (const auto next = queue.pop()) (out += static_cast<char>('0' + next->stream)) += next->frame.name;
    return out;
}

}  // namespace

TEST_CASE("frames come out as they went in, those of all streams in one order") {
    Queue queue(8);
    CHECK(queue.empty());
    CHECK(push(queue, 1, "Ab").empty());
    CHECK(push(queue, 2, "C").empty());
    CHECK(push(queue, 1, "d").empty());
    CHECK(drain(queue) == "1A1b2C1d");
    CHECK(queue.empty());
    CHECK_FALSE(queue.pop());
    CHECK(queue.dropped() == 0);
}

TEST_CASE("a full queue drops the stream that waits longest, up to its next key frame") {
    struct Row {
        std::string_view first;  // of stream 1, before two frames of stream 2 fill the queue
        std::string_view then;   // of stream 1, when it is full
        std::string_view refused;
        std::string_view left;
        std::uint64_t dropped;
    };
    for (const auto& row : {
             Row{"Abcd", "e", "e", "2X2y", 5},             // a chain: all of it, and what builds on it
             Row{"Abcd", "efGhi", "ef", "2X2y1G1h1i", 6},  // up to the key frame that comes
             Row{"AbCd", "e", "", "1C1d2X2y1e", 2},        // or to that which waits
             Row{"ABCD", "E", "", "1B1C1D2X2y1E", 1},      // each stands alone: only the oldest
             Row{"Abcd", "E", "", "2X2y1E", 4},            // the key frame that finds it full
         }) {
        INFO(row.first << " and " << row.then);
        Queue queue(6);
        CHECK(push(queue, 1, row.first).empty());
        CHECK(push(queue, 2, "Xy").empty());
        CHECK(push(queue, 1, row.then) == row.refused);
        CHECK(drain(queue) == row.left);
        CHECK(queue.dropped() == row.dropped);
    }
}

TEST_CASE("who finds a queue full of others' frames is not made to pay for it") {
    Queue queue(3);
    CHECK(push(queue, 1, "Abc").empty());
    CHECK(push(queue, 2, "X").empty());
    CHECK(push(queue, 1, "d") == "d");
    CHECK(push(queue, 2, "y").empty());
    CHECK(drain(queue) == "2X2y");
}

TEST_CASE("behind a damaged frame only a key frame helps, and none is asked for where one waits") {
    Queue queue(8);
    push(queue, 1, "AbcDe");
    push(queue, 2, "X");
    CHECK(queue.pop()->frame.name == 'A');
    queue.break_off(1);
    CHECK(push(queue, 1, "f").empty());
    CHECK(drain(queue) == "1D1e2X1f");
    queue.break_off(1);
    CHECK(push(queue, 1, "gh") == "gh");
    CHECK(push(queue, 2, "y").empty());
    CHECK(push(queue, 1, "Ij").empty());
    CHECK(drain(queue) == "2y1I1j");
    CHECK(queue.dropped() == 4);
}

TEST_CASE("a stream that is forgotten leaves nothing behind, and begins anew") {
    Queue queue(8);
    push(queue, 1, "Ab");
    push(queue, 2, "Xy");
    CHECK(queue.forget(1) == 2);
    CHECK(drain(queue) == "2X2y");
    queue.break_off(1);
    CHECK(push(queue, 1, "c") == "c");
    CHECK(queue.forget(1) == 0);
    CHECK(push(queue, 1, "d").empty());
}
