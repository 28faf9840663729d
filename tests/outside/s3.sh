#!/bin/sh
# Puts the jars of S3Proxy, a server that speaks S3 over a folder, into the cache, for the test of the archive.
set -eu
. "$(dirname "$0")/jars.sh"
version=4.0.0
annotations=2.21 # its JSON library needs a newer one than its own list of parts names
jars s3proxy "s3proxy-$version.jar" <<DEPENDENCIES
<dependency><groupId>org.gaul</groupId><artifactId>s3proxy</artifactId><version>$version</version></dependency>
<dependency>
  <groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-annotations</artifactId>
  <version>$annotations</version>
</dependency>
DEPENDENCIES
