#include "console/ConsolePage.h"

#include "console/ConsoleFiles.h"

namespace sluice {
namespace {

struct Content {
    std::string_view type, text;
};

Content contentOf(ConsolePage::File file) {
    switch (file) {
        case ConsolePage::File::Html:
            return {"text/html; charset=utf-8", kConsoleHtml};
        case ConsolePage::File::Css:
            return {"text/css; charset=utf-8", kConsoleCss};
        case ConsolePage::File::Js:
            break;
    }
    return {"text/javascript; charset=utf-8", kConsoleJs};
}

}  // namespace

/// Payloads of strangers are shown here: nothing runs but our own file, and no other page may
/// frame this one.
std::optional<HttpResponse> ConsolePage::handle(const HttpRequest&, HttpConnection&) {
    const Content content = contentOf(file_);
    HttpResponse response;
    response.body = content.text;
    return response.with("Content-Type", std::string{content.type})
        .with("Cache-Control", "no-cache")
        .with("Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
              "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        .with("X-Content-Type-Options", "nosniff")
        .with("Referrer-Policy", "no-referrer");
}

}  // namespace sluice
