# A Debian package by CPack: `./dev package`. The border of plugins and its CMake package are in it, so
# that plugins can be built against it.
set(packaging ${PROJECT_SOURCE_DIR}/packaging)

# Only in the package: `cmake --install` puts nothing outside of its prefix.
install(FILES ${packaging}/sluice.service DESTINATION /lib/systemd/system
    COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${packaging}/sluice.sysusers DESTINATION /usr/lib/sysusers.d RENAME sluice.conf
    COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${packaging}/sluice.tmpfiles DESTINATION /usr/lib/tmpfiles.d RENAME sluice.conf
    COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${packaging}/sluice.logrotate DESTINATION /etc/logrotate.d RENAME sluice
    COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${packaging}/sluice.yaml DESTINATION /etc/sluice COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION /usr/share/doc/sluice
    COMPONENT debian EXCLUDE_FROM_ALL)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION /usr/share/doc/sluice
    COMPONENT debian EXCLUDE_FROM_ALL FILES_MATCHING PATTERN "*.md")
install(FILES ${packaging}/debian/copyright DESTINATION /usr/share/doc/sluice
    COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sluice)
set(CPACK_PACKAGE_CONTACT "Sluice developers <sluice@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Reads Apache Kafka, MQTT, ZeroMQ, Redis pub/sub and Redis Streams, turns
each message into an event on a channel, and serves channels as
Server-Sent Events over HTTP. A reader whose connection broke gets every
event after its last one, once and in order.")
set(CPACK_SET_DESTDIR ON)  # paths outside of the prefix go into the package, not onto this machine
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL Unspecified debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, logrotate, systemd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${packaging}/debian/postinst ${packaging}/debian/prerm ${packaging}/debian/postrm
    ${packaging}/debian/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
