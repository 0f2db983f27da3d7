#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "EntryJson.h"

namespace sluice::redis {
namespace {

std::string jsonOf(const std::vector<std::string>& texts) {
    std::vector<Reply> fields;
    for (const std::string& text : texts) {
        Reply& field = fields.emplace_back();
        field.kind = Reply::Kind::String;
        field.text = text;
    }
    std::string json;
    appendJson(fields, json);
    return json;
}

/// A value as JSON, byte by byte; only for UTF-8.
std::string slowly(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out.append(1, '\\').append(1, c);
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (static_cast<unsigned char>(c) < 0x20)
            out.append("\\u00")
                .append(1, c < 0x10 ? '0' : '1')
                .append(1, "0123456789abcdef"[c % 16]);
        else
            out += c;
    }
    return out + '"';
}

TEST(RedisEntryJson, keepsTheFieldsInTheirOrder) {
    EXPECT_EQ(jsonOf({}), "{}");
    EXPECT_EQ(jsonOf({"b", "1", "a", "2"}), R"({"b":"1","a":"2"})");
    EXPECT_EQ(jsonOf({"", ""}), R"({"":""})");
    EXPECT_EQ(jsonOf({"brace{", "{"}), R"({"brace{":"{"})");
}

TEST(RedisEntryJson, theLastValueOfAFieldCounts) {
    EXPECT_EQ(jsonOf({"a", "1", "b", "2", "a", "3", "b", "4"}), R"({"a":"3","b":"4"})");
    std::vector<std::string> many;
    for (int i = 0; i < 100; ++i) {
        many.push_back("f" + std::to_string(i % 50));
        many.push_back(std::to_string(i));
    }
    const std::string json = jsonOf(many);
    EXPECT_EQ(json.find("\"f7\":\"7\""), json.npos);
    EXPECT_NE(json.find("\"f7\":\"57\""), json.npos);
}

TEST(RedisEntryJson, whatIsNoUtf8IsBase64) {
    EXPECT_EQ(jsonOf({"v", "\xff"}), R"({"v":{"base64":"/w=="}})");
    EXPECT_EQ(jsonOf({"v", "\xff\xfe"}), R"({"v":{"base64":"//4="}})");
    EXPECT_EQ(jsonOf({"v", "\xff\xfe\xfd"}), R"({"v":{"base64":"//79"}})");
    EXPECT_EQ(jsonOf({"\x80", "v"}), R"({"base64:gA==":"v"})");
    for (const char* bad : {"12345678\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                            "\xf0\x8f\xbf\xbf", "abc\x80", "\xc3", "1234567\xc3"})
        EXPECT_NE(jsonOf({"v", bad}).find("base64"), std::string::npos) << bad;
}

TEST(RedisEntryJson, escapesAtEveryPlaceOfALongText) {
    for (std::size_t length = 0; length < 40; ++length)
        for (std::size_t at = 0; at < length; ++at)
            for (const char special : {'"', '\\', '\n', '\x01', '\x1f', '\x7f', ' ', '!', '\0'}) {
                std::string text(length, 'x');
                text[at] = special;
                EXPECT_EQ(jsonOf({"v", text}), "{\"v\":" + slowly(text) + "}");
            }
}

TEST(RedisEntryJson, textOfEveryKindIsEscapedAsByteByByte) {
    std::mt19937 random(3);
    const std::vector<std::string> pieces{"a",  "\"",          "\\",   "\n",
                                          "\r", "\t",          "\x02", "\x7f",
                                          "ü",  "€",           "😀",    "longer plain text",
                                          "/",  "\xef\xbf\xbf"};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto i = random() % 20; i > 0; --i) text += pieces[random() % pieces.size()];
        ASSERT_EQ(jsonOf({"v", text}), "{\"v\":" + slowly(text) + "}");
    }
}

}  // namespace
}  // namespace sluice::redis
