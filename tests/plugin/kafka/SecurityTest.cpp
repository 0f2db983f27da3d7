#include "kafka/KafkaFixture.h"

namespace sluice::test {
namespace {

class KafkaSecurity : public KafkaTest {
  protected:
    /// Starts and reads one record; the topic is made through the plain listener.
    void expectToRead(const std::string& brokers, const std::string& bootstrap) {
        const std::string topic = freshTopic();
        KafkaAdmin plain(bootstrap);
        plain.createTopic(topic);
        plain.produceNumbered(topic, 0, "v", 0, 1);
        host_.set("/start", "earliest");
        auto plugin = open(host_, {topic}, brokers);
        ASSERT_TRUE(plugin->start());
        ASSERT_TRUE(host_.waitForMessages(1)) << host_.recording().health();
        ASSERT_TRUE(host_.waitForHealth(SLUICE_STATE_RUNNING, "running"));
    }
    /// Everything that the plugin said to people.
    std::string allTexts() const {
        std::string texts;
        for (const auto& call : host_.recording().calls) texts += call.text + "\n";
        return texts;
    }
    std::string expectRefusal(const std::string& brokers, const std::string& code) {
        auto plugin = open(host_, {"topic"}, brokers);
        EXPECT_TRUE(plugin->start());
        EXPECT_TRUE(host_.waitForHealth(SLUICE_STATE_CONNECTING, code))
            << host_.recording().health() << "\n"
            << allTexts();
        for (const char* guess : {"might be", "verify that", "connecting to a"})
            EXPECT_EQ(allTexts().find(guess), std::string::npos) << allTexts();
        return host_.recording().of(Kind::Health).back().text;
    }
    void setLogin(const std::string& user, const std::string& password) {
        host_.set("/username", user).set("/password", password);
    }
};

TEST_F(KafkaSecurity, logsInByPlainOverTls) {
    setLogin(facts().user, facts().password);
    host_.set("/tls/ca", facts().ca);
    expectToRead(facts().saslSsl, facts().bootstrap);
    EXPECT_EQ(allTexts().find(facts().password), std::string::npos);
}

TEST_F(KafkaSecurity, showsItsCertificate) {
    host_.set("/tls/ca", facts().ca).set("/tls/cert", facts().cert).set("/tls/key", facts().key);
    expectToRead(facts().ssl, facts().bootstrap);
}

TEST_F(KafkaSecurity, passesPropertiesThrough) {
    host_.set("/rdkafka/security.protocol", "SSL")
        .set("/rdkafka/ssl.ca.location", facts().ca)
        .set("/rdkafka/ssl.certificate.location", facts().cert)
        .set("/rdkafka/ssl.key.location", facts().key);
    expectToRead(facts().ssl, facts().bootstrap);
}

TEST_F(KafkaSecurity, aWrongPasswordIsAStateAndIsNotShown) {
    setLogin(facts().user, "wrong-password");
    host_.set("/tls/ca", facts().ca);
    const std::string text = expectRefusal(facts().saslSsl, "authentication");
    EXPECT_NE(text.find("refused the login"), std::string::npos) << text;
    EXPECT_EQ(allTexts().find("wrong-password"), std::string::npos);
}

TEST_F(KafkaSecurity, aFailedScramLoginNamesTheOldLibrary) {
    setLogin("bob", "bob-secret");
    host_.set("/tls/ca", facts().ca).set("/mechanism", "SCRAM-SHA-256");
    const std::string text = expectRefusal(facts().saslSsl, "authentication");
    const bool isNamed =
        text.find("librdkafka below 2.6.1 cannot log in to Kafka 4 by SCRAM") != std::string::npos;
    EXPECT_EQ(isNamed, rd_kafka_version() < 0x02060100) << text;
}

TEST_F(KafkaSecurity, aMissingCertificateIsAState) {
    host_.set("/tls/ca", facts().ca);
    expectRefusal(facts().ssl, "tls");
}

TEST_F(KafkaSecurity, anUnknownAuthorityIsAState) {
    const std::string folder = facts().ca.substr(0, facts().ca.rfind('/'));
    host_.set("/tls/ca", folder + "/other-ca.pem");
    const std::string text = expectRefusal(facts().ssl, "tls");
    EXPECT_NE(text.find("could not be verified"), std::string::npos) << text;
}

TEST_F(KafkaSecurity, plainTextToATlsPortIsAState) {
    expectRefusal(facts().ssl, "closed");
}

TEST_F(KafkaSecurity, logsInByScramToKafka3) {
    const KafkaProcess kafka({"--version", "3.9.2", "--secure", "--scram", "bob=bob-secret"});
    setLogin("bob", "bob-secret");
    host_.set("/tls/ca", kafka.facts().ca).set("/mechanism", "SCRAM-SHA-512");
    expectToRead(kafka.facts().saslSsl, kafka.facts().bootstrap);
}

}  // namespace
}  // namespace sluice::test
