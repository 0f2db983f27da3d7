#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/Clock.h"
#include "base/Signals.h"
#include "cli/AdminClient.h"
#include "cli/Commands.h"
#include "cli/TopTable.h"

namespace sluice::cli {
namespace {

constexpr std::chrono::milliseconds kTurn{1'000};
constexpr std::size_t kPlainRows = 50, kPlainColumns = 1'000;

NodeLook lookAt(const AdminClient& node) {
    NodeLook look;
    look.inputs = node.json("/inputs");
    look.mappings = node.json("/mappings");
    look.channels = node.json("/channels");
    look.subscribers = node.json("/subscribers?order=lag&limit=50");
    look.metrics = node.text("/metrics");
    look.at = std::chrono::steady_clock::now();
    look.wallMs = SystemClock{}.wallMs();
    return look;
}

struct Size {
    std::size_t rows = 24, columns = 80;
};

Size sizeOfTerminal() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return {};
    return {size.ws_row, size.ws_col};
}

/// The other screen of the terminal while it lives, so that what stood there comes back.
class Screen {
  public:
    Screen() { std::cout << "\x1b[?1049h\x1b[?25l" << std::flush; }
    ~Screen() { std::cout << "\x1b[?25h\x1b[?1049l" << std::flush; }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    void show(const std::string& text, std::size_t rows) {
        std::string out = "\x1b[H";
        std::size_t shown = 0;
        for (std::size_t begin = 0; begin < text.size() && shown + 1 < rows; ++shown) {
            const std::size_t end = text.find('\n', begin);
            out += text.substr(begin, end - begin) + "\x1b[K\r\n";
            begin = end + 1;
        }
        std::cout << out << "\x1b[J" << std::flush;
    }
};

int follow(const AdminClient& node, const Signals& signals, NodeLook before) {
    Screen screen;
    while (signals.wait(kTurn) == 0) {
        const Size size = sizeOfTerminal();
        try {
            NodeLook now = lookAt(node);
            // Figures, four heads and empty lines, inputs, and what is left for the other three.
            const std::size_t inputs = now.inputs.find("inputs")->items().size();
            const std::size_t taken = inputs + 12;
            const std::size_t rows = size.rows > taken + 3 ? (size.rows - taken) / 3 : 1;
            screen.show(topText(node.url(), before, now, rows, size.columns), size.rows);
            before = std::move(now);
        } catch (const AdminError& error) {
            screen.show(std::string{error.what()} + "; trying again, Ctrl-C ends\n", size.rows);
        }
    }
    return kExitOk;
}

int show(const AdminClient& node, const Signals& signals) {
    NodeLook before = lookAt(node);
    if (isatty(STDOUT_FILENO) == 1) return follow(node, signals, std::move(before));
    signals.wait(kTurn);
    std::cout << topText(node.url(), before, lookAt(node), kPlainRows, kPlainColumns);
    return kExitOk;
}

int top(const Arguments& arguments) {
    return runAsking(arguments, show);
}

}  // namespace

Command topCommand() {
    Command command;
    command.name = "top";
    command.synopsis = "[--admin URL] [--key KEY]";
    command.summary = "Show what a running Sluice does: inputs, mappings, channels, readers";
    command.text =
        "Asks the admin address once a second until Ctrl-C. Where the output is no terminal: one\n"
        "snapshot, with rates over a second.\n\n"
        "Examples:\n"
        "  sluice top\n"
        "  sluice top --admin http://10.0.0.7:9080 | head -5\n";
    command.options = AdminClient::options();
    command.run = top;
    return command;
}

}  // namespace sluice::cli
