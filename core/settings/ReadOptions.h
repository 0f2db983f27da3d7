#pragma once

#include "settings/Reader.h"
#include "settings/Settings.h"

/// One function per top-level key: each reads its section into the options of a module.
namespace sluice {

void readListen(Section& top, HttpOptions& options);
/// Before readListen: addresses may want the certificate.
void readTls(Section& top, Settings& settings);
void readTrustedProxies(Section& top, ProxyTrust& trust);
void readAdminTls(Section& admin, AdminOptions& options);
void readPublish(Section& top, HttpOptions& options);
void readCors(Section& top, HttpOptions& options);
/// Before readDelivery, as it decides a default of its.
void readCompat(Section& top, Settings& settings);
void readDelivery(Section& top, DeliveryOptions& options);
void readLimits(Section& top, Settings& settings);
void readLog(Section& top, LogOptions& options);
void readGraphite(Section& top, GraphiteOptions& options);
/// Also who may read them: one rule for each policy, in the order of the file.
void readChannels(Section& top, HubOptions& options, JournalOptions& journal,
                  std::vector<AccessRule>& rules);
/// After readTls: certificates of clients are something to know them by.
void readAuth(Section& top, HttpOptions& http);
/// After both: warns of rules that decide nothing, and of channels that nobody may read.
void warnOfRules(Section& top, const HttpOptions& options);
/// Reads `journal` of a history; whether these channels are kept. All of a file have one folder.
bool readJournalOf(Section& history, JournalOptions& journal);
void readJournal(Section& top, JournalOptions& options);
void readInputs(Section& top, std::vector<InputOptions>& inputs);
/// After readInputs: rules name inputs. Also says what is wrong between the two.
void readMappings(Section& top, Settings& settings, const SeparatorOf& separatorOf);
/// After all others, where nothing is wrong: warns of mappings that take nothing that can come.
void warnOfIdleRules(Section& top, const Settings& settings);
/// After readInputs: the messages of tests come from inputs.
void readTests(Section& top, const std::vector<InputOptions>& inputs,
               std::vector<MessageTest>& tests);

}  // namespace sluice
