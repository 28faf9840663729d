# Read by the scripts beside it: `jars NAME JAR` puts the jars of a server into the cache, Java beside them, and names JAR
# in the end. Standard input has the dependencies as Maven writes them.
cache=${HEADGATE_OUTSIDE:-$HOME/.cache/headgate-outside}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
need() {
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
jars() {
  command -v java >/dev/null 2>&1 || need default-jre-headless
  if [ ! -e "$cache/$1/$2" ]; then
    command -v mvn >/dev/null 2>&1 || need maven
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    {
      echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
      echo "<groupId>headgate</groupId><artifactId>$1-for-tests</artifactId><version>1</version><packaging>pom</packaging>"
      echo '<dependencies>'
      cat
      echo '</dependencies></project>'
    } >"$work/pom.xml"
    mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/$1"
    mkdir -p "$cache"
    rm -rf "${cache:?}/$1"
    mv "$work/$1" "$cache/$1"
  fi
  ls "$cache/$1/$2"
}
