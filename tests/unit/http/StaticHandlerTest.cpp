#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "Requests.h"
#include "http/StaticHandler.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

class StaticHandlerTest : public testing::Test {
  protected:
    StaticHandlerTest() {
        std::string name = (fs::temp_directory_path() / "sluice-static-XXXXXX").string();
        base_ = ::mkdtemp(name.data());
        fs::create_directories(base_ / "www/sub");
        write("secret.txt", "secret");
        write("www/index.html", "<p>home");
        write("www/app.js", "go()");
        write("www/sub/index.html", "<p>sub");
        write("www/.hidden", "hidden");
        write("www/a b.txt", "spaces");
        fs::create_symlink(base_ / "secret.txt", base_ / "www/leak.txt");
        handler_ = std::make_unique<StaticHandler>(base_ / "www");
    }
    ~StaticHandlerTest() override { fs::remove_all(base_); }

    void write(const char* name, std::string_view text) { std::ofstream{base_ / name} << text; }
    HttpResponse get(std::string_view path, std::string_view fields = {}) {
        test::PairConnection connection;
        return *handler_->handle(test::request("GET", path, fields), connection);
    }

    fs::path base_;
    std::unique_ptr<StaticHandler> handler_;
};

TEST_F(StaticHandlerTest, servesFilesWithTheirTypes) {
    const HttpResponse script = get("/app.js");
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(script.body, "go()");
    EXPECT_EQ(test::field(script, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(get("/a%20b.txt").body, "spaces");
    EXPECT_EQ(contentTypeOf("x.SVG"), "image/svg+xml");
    EXPECT_EQ(contentTypeOf("x.unknown"), "application/octet-stream");
}

TEST_F(StaticHandlerTest, servesTheIndexOfAFolder) {
    EXPECT_EQ(get("/").body, "<p>home");
    EXPECT_EQ(get("/sub/").body, "<p>sub");
    const HttpResponse moved = get("/sub");
    EXPECT_EQ(moved.status, 308);
    EXPECT_EQ(test::field(moved, "Location"), "./sub/");
}

TEST_F(StaticHandlerTest, neverLeavesItsFolder) {
    for (const char* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt",
                             "/..%2fsecret.txt", "//../secret.txt", "/leak.txt", "/.hidden", "/%00",
                             "/%zz", "/nothing", "/sub/..", "/./app.js"})
        EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(StaticHandlerTest, answersAnUnchangedFileWith304) {
    const std::string etag = test::field(get("/app.js"), "ETag");
    ASSERT_NE(etag, "");
    const auto again = [&](const std::string& value) {
        return get("/app.js", "If-None-Match: " + value + "\r\n");
    };
    EXPECT_EQ(again(etag).status, 304);
    EXPECT_FALSE(again(etag).hasBody);
    EXPECT_EQ(again("\"x\", W/" + etag).status, 304);
    EXPECT_EQ(again("\"x\"").status, 200);
    write("www/app.js", "gone()");
    EXPECT_EQ(again(etag).status, 200);
}

TEST(StaticHandler, refusesAFolderThatIsNone) {
    EXPECT_THROW(StaticHandler{"/no/such/folder"}, std::invalid_argument);
}

}  // namespace
}  // namespace sluice
