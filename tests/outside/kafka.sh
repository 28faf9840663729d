#!/bin/sh
# Puts the jars of a Kafka broker into the cache, for the tests and benchmarks of its stream; Java runs them.
set -eu
version=4.1.1
cache=${HEADGATE_OUTSIDE:-$HOME/.cache/headgate-outside}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
need() {
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
command -v java >/dev/null 2>&1 || need default-jre-headless
if [ ! -e "$cache/kafka/kafka_2.13-$version.jar" ]; then
  command -v mvn >/dev/null 2>&1 || need maven
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>headgate</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version>
    </dependency>
  </dependencies>
</project>
POM
  mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/kafka"
  mkdir -p "$cache"
  rm -rf "$cache/kafka"
  mv "$work/kafka" "$cache/kafka"
fi
ls "$cache/kafka/kafka_2.13-$version.jar"
