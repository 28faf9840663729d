#!/bin/sh
# Puts the jars of a Kafka broker into the cache, for the tests and benchmarks of its stream; Java runs them.
set -eu
. "$(dirname "$0")/jars.sh"
version=4.1.1
jars kafka "kafka_2.13-$version.jar" <<DEPENDENCIES
<dependency>
  <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version>
</dependency>
DEPENDENCIES
