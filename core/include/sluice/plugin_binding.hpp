#pragma once

#include <cstddef>

#include <sluice/plugin.hpp>

namespace sluice::plugin {

/// What SLUICE_PLUGIN makes of a class: the C functions of plugin.h. Not for plugins to call.
template <class Class>
class Binding {
  public:
    static const sluice_plugin_table* entry(std::uint32_t hostMin, std::uint32_t hostMax,
                                            std::uint32_t* pluginMin, std::uint32_t* pluginMax) {
        *pluginMin = *pluginMax = SLUICE_ABI_VERSION;
        static const sluice_plugin_table table = makeTable();
        return hostMin <= SLUICE_ABI_VERSION && SLUICE_ABI_VERSION <= hostMax ? &table : nullptr;
    }

  private:
    struct Instance {
        explicit Instance(const sluice_host& table) : host(table) {}
        Host host;
        std::optional<Class> object;
    };
    static Instance& self(void* instance) { return *static_cast<Instance*>(instance); }

    static sluice_plugin_table makeTable() {
        constexpr const Description& kPlugin = Class::kPlugin;
        sluice_plugin_table table{};
        table.size = sizeof table;
        table.abi_version = SLUICE_ABI_VERSION;
        table.name = kPlugin.name;
        table.version = kPlugin.version;
        table.options_schema = kPlugin.optionsSchema;
        table.flags = kPlugin.replayable ? SLUICE_PLUGIN_REPLAYABLE : 0U;
        table.separator = static_cast<std::uint8_t>(kPlugin.separator);
        table.open = open;
        table.watch = watch;
        table.start = start;
        table.stop = stop;
        table.close = close;
        setOptional(table);
        return table;
    }
    static void setOptional(sluice_plugin_table& table) {
        if constexpr (requires(Host & host) { Class::check(host); }) table.check = check;
        if constexpr (requires(Class & c, std::span<const sluice_text> f) { c.query(f); })
            table.query = query;
        if constexpr (requires(Class & c, const sluice_replay_request& r) { c.replay(r); })
            table.replay = replay;
        if constexpr (requires(Class & c, std::uint64_t id) { c.cancel(id); })
            table.cancel = cancel;
        if constexpr (requires(Class & c, std::span<const sluice_text> f) { c.seek(1u, 1, f); })
            table.seek = seek;
    }

    static int open(const sluice_host* host, void** out) {
        Instance* instance = nullptr;
        try {
            instance = new Instance(*host);
        } catch (...) {
            return 1;
        }
        const bool opened =
            instance->host.guard("open", [&] { instance->object.emplace(instance->host); });
        if (!opened || instance->host.settingErrors() > 0) {
            close(instance);
            return 1;
        }
        *out = instance;
        return 0;
    }
    static void close(void* instance) {
        Instance* const it = static_cast<Instance*>(instance);
        it->host.guard("close", [&] { it->object.reset(); });
        delete it;
    }
    static int watch(void* instance, const sluice_pattern* patterns, size_t count) {
        return call(instance, "watch",
                    [&](Class& object) { object.watch(convert(patterns, count)); });
    }
    static int start(void* instance, const sluice_start_position* positions, size_t count,
                     uint64_t rewindMs) {
        return call(instance, "start", [&](Class& object) {
            object.start(std::span(positions, count),
                         milliseconds{static_cast<std::int64_t>(rewindMs)});
        });
    }
    static int stop(void* instance, uint32_t deadlineMs) {
        return call(instance, "stop",
                    [&](Class& object) { object.stop(milliseconds{deadlineMs}); });
    }
    static int check(const sluice_host* table) {
        try {
            Host host(*table);
            const bool passed = host.guard("check", [&] { Class::check(host); });
            return passed && host.settingErrors() == 0 ? 0 : 1;
        } catch (...) {
            return 1;
        }
    }
    static int query(void* instance, const sluice_text* families, size_t count) {
        return call(instance, "query",
                    [&](Class& object) { object.query(std::span(families, count)); });
    }
    static int replay(void* instance, const sluice_replay_request* request) {
        bool isTaken = false;
        const int failed =
            call(instance, "replay", [&](Class& object) { isTaken = object.replay(*request); });
        return failed != 0 || !isTaken ? 1 : 0;
    }
    static void cancel(void* instance, uint64_t replayId) {
        call(instance, "cancel", [&](Class& object) { object.cancel(replayId); });
    }
    static int seek(void* instance, uint64_t question, int64_t timeMs, const sluice_text* families,
                    size_t count) {
        return call(instance, "seek", [&](Class& object) {
            object.seek(question, timeMs, std::span(families, count));
        });
    }

    template <class Body>
    static int call(void* instance, std::string_view name, Body&& body) {
        Instance& it = self(instance);
        return it.host.guard(name, [&] { body(*it.object); }) ? 0 : 1;
    }
    /// An older host does not say: then everything is needed.
    static bool needs(const sluice_pattern& pattern, std::uint32_t what) {
        constexpr std::size_t kSaidFrom = offsetof(sluice_pattern, needs) + sizeof pattern.needs;
        return pattern.size < kSaidFrom || (pattern.needs & what) != 0;
    }
    /// A newer host's patterns may be longer than ours: step by their own size.
    static std::vector<Pattern> convert(const sluice_pattern* patterns, size_t count) {
        std::vector<Pattern> converted;
        const char* bytes = reinterpret_cast<const char*>(patterns);
        for (size_t i = 0; i < count; ++i) {
            const auto* const p = reinterpret_cast<const sluice_pattern*>(bytes);
            converted.push_back({p->is_literal != 0, view(p->text), view(p->literal),
                                 view(p->prefix), view(p->regex), view(p->glob), view(p->filter),
                                 needs(*p, SLUICE_NEEDS_HEADERS)});
            bytes += p->size;
        }
        return converted;
    }
};

}  // namespace sluice::plugin
