#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "input/InputOptions.h"
#include "input/InputReplays.h"
#include "input/InputState.h"
#include "input/Intake.h"
#include "sluice/plugin.h"

namespace sluice {

/// A setting that a plugin cannot use.
struct SettingError {
    std::string pointer;  // JSON pointer below the input
    std::string code, text, hint;
    SourceMark mark;  // of the setting, or of what it should stand in
};

/// What one opened instance says besides its messages. Called on the plugin's threads.
class PluginRunListener {
  public:
    virtual void health(InputState state, std::string_view code, std::string_view text,
                        std::uint32_t retryMs) noexcept = 0;
    /// Inside open: the messages of this instance have no lanes.
    virtual void plain() noexcept = 0;
    /// Inside open: those have that are of topics which one of the patterns takes, the others not.
    virtual void plainExcept(const std::vector<std::string>& patterns) noexcept = 0;
    virtual void pluginLog(std::uint32_t level, std::string_view text) noexcept = 0;
    /// Where the lanes of a family stood; none: it cannot say. False: nobody asks (any more).
    virtual bool sought(std::uint64_t question, std::string_view family,
                        std::vector<Position> positions) = 0;
    /// A call broke the contract of plugin.h.
    virtual void breach(std::string_view how) noexcept = 0;

  protected:
    ~PluginRunListener() = default;
};

/// The host as one instance of a plugin sees it: the function table of plugin.h, from open to
/// close. Guards the border: nothing throws across it, and once it is closed nothing gets in.
///
/// Must live as long as the plugin may call, also against its contract: whoever owns it keeps it
/// after the instance was closed. Any thread may call.
class PluginRun {
  public:
    enum class Phase : std::uint8_t {
        Settings,  // inside check and open: settings only
        Open,      // messages may come
        Closed     // stop has returned
    };

    /// `intake` and `replays` may be null (check only); they are borrowed until close().
    /// `continues`: an earlier run was connected (SLUICE_HOST_CONTINUES).
    PluginRun(const InputOptions& options, Intake* intake, PluginRunListener& listener,
              InputReplays* replays = nullptr, bool continues = false);
    PluginRun(const PluginRun&) = delete;
    PluginRun& operator=(const PluginRun&) = delete;

    const sluice_host& table() const { return host_; }
    /// Messages may come from now on.
    void open();
    /// Nothing gets in any more; waits for calls that are inside (they are short).
    void close();

    /// What the plugin complained of in its settings.
    std::vector<SettingError> settingErrors() const;

    void* instance = nullptr;  // the plugin's; control thread only

  private:
    class Inside;
    static sluice_result push(void*, std::uint64_t, const sluice_message*, std::size_t);
    static sluice_result lanes(void*, sluice_text, std::uint32_t, sluice_text, sluice_text,
                               const sluice_lane_ends*, std::size_t);
    static sluice_result lost(void*, std::uint64_t, sluice_lane, sluice_position, sluice_position,
                              std::uint32_t);
    static sluice_result at(void*, std::uint64_t, sluice_lane, sluice_position);
    static void health(void*, std::uint32_t, sluice_text, sluice_text, std::uint32_t);
    static void log(void*, std::uint32_t, sluice_text);
    static int setting(void*, const char*, sluice_text*);
    static std::size_t settingCount(void*, const char*);
    static int settingKey(void*, const char*, std::size_t, sluice_text*);
    static sluice_result sought(void*, std::uint64_t, sluice_text, const sluice_position*,
                                std::size_t);
    static void plain(void*);
    static void plainExcept(void*, const sluice_text*, std::size_t);
    static void settingError(void*, const char*, sluice_text, sluice_text, sluice_text);

    template <class Call>
    sluice_result guarded(const char* function, Call&& call) noexcept;
    template <class Call>
    sluice_result replayed(const char* function, Call&& call) noexcept;
    template <class Call>
    sluice_result inside(const char* function, Call&& call) noexcept;
    void breach(std::string_view how) noexcept;
    SourceMark markOf(std::string_view pointer) const;

    sluice_host host_{};
    const InputOptions options_;
    Intake* const intake_;
    InputReplays* const replays_;
    PluginRunListener& listener_;
    std::atomic<Phase> phase_{Phase::Settings};
    std::atomic<int> inside_{0};  // calls between the check of the phase and their end

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::vector<SettingError> settingErrors_;
};

/// Calls `check` of a plugin, where it has one, with these settings, and holds them against its
/// JSON Schema; nothing else is touched.
struct Plugin;
std::vector<SettingError> checkSettings(const Plugin& plugin, const InputOptions& options);

}  // namespace sluice
