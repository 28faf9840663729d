#!/bin/sh
# Puts the jars of S3Proxy, a server that speaks S3 over a folder, into the cache, for the test of the archive.
set -eu
version=4.0.0
annotations=2.21 # its JSON library needs a newer one than its own list of parts names
cache=${HEADGATE_OUTSIDE:-$HOME/.cache/headgate-outside}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
need() {
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
command -v java >/dev/null 2>&1 || need default-jre-headless
if [ ! -e "$cache/s3proxy/s3proxy-$version.jar" ]; then
  command -v mvn >/dev/null 2>&1 || need maven
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>headgate</groupId><artifactId>s3-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.gaul</groupId><artifactId>s3proxy</artifactId><version>$version</version></dependency>
    <dependency>
      <groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-annotations</artifactId>
      <version>$annotations</version>
    </dependency>
  </dependencies>
</project>
POM
  mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/s3proxy"
  mkdir -p "$cache"
  rm -rf "$cache/s3proxy"
  mv "$work/s3proxy" "$cache/s3proxy"
fi
ls "$cache/s3proxy/s3proxy-$version.jar"
