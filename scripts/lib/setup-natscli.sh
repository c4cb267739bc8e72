# shellcheck shell=sh
# natscli: not in Debian, so it is built from its Go module. Go verifies modules with its checksum database.

NATSCLI=github.com/nats-io/natscli/nats
NATSCLI_VERSION=v0.4.0
GO_LEAST=1.25         # required by natscli
GO_SELF_UPDATING=1.21 # from this version on Go downloads a newer toolchain itself
GO_TOOLCHAIN=go1.26.11

GO='' # the go to build with; set by find_go, borrow_go or bootstrap_go

provide_natscli() {
  have_natscli && return 0
  find_go || borrow_go || bootstrap_go ||
    fail 69 "natscli: no Go >= $GO_LEAST can be installed here; install one, or natscli itself, and run scripts/setup again"
  say "nats (natscli $NATSCLI_VERSION): building with $("$GO" version | cut -d' ' -f3), about a minute on two cores"
  logged natscli stoppable env CGO_ENABLED=0 GOBIN="$WORK/natscli.built" GOOS= GOARCH= \
    "$GO" install -trimpath -ldflags '-s -w' "$NATSCLI@$NATSCLI_VERSION" ||
    fail 69 "natscli: the build failed; is the Go module proxy reachable (go env GOPROXY)?"
  install_program natscli.built/nats nats
  have_natscli || fail 70 "natscli: the program that was built does not run here (.deps/bin/nats --version)"
}

# Uses nothing of the user's Go but the settings for fetching modules (go env GOPROXY, GOSUMDB, ...).
go_for_itself() {
  GOPATH=$WORK/gopath GOCACHE=$WORK/gocache GOFLAGS=-modcacherw GOWORK=off GOTOOLCHAIN=local
  export GOPATH GOCACHE GOFLAGS GOWORK GOTOOLCHAIN
}

go_version() { # GO
  GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed 's/^go//'
}

find_go() { # one that is new enough, or can update itself
  [ -z "$GO" ] || return 0
  go_for_itself
  for go in $(go_places); do
    at_least "$(go_version "$go")" "$GO_LEAST" && GO=$go && return 0
  done
  for go in $(go_places); do
    at_least "$(go_version "$go")" "$GO_SELF_UPDATING" && update_go "$go" && GO=$go && return 0
  done
  return 1
}

go_places() { ls -d "$(command -v go)" /usr/local/go/bin/go /usr/lib/go-*/bin/go 2>/dev/null || :; }

update_go() { # GO
  say "Go $(go_version "$1") is too old: it downloads $GO_TOOLCHAIN for this build, 70 MB"
  if logged go-toolchain stoppable env GOTOOLCHAIN="$GO_TOOLCHAIN" "$1" version; then
    GOTOOLCHAIN=$GO_TOOLCHAIN
  else
    say "WARNING: the download failed"
    return 1
  fi
}

borrow_go() { # Debian's package, unpacked into .work, not installed
  is_debian_like && choose_view golang-go "$GO_LEAST" || return 1
  go_package=$(apt_in "$VIEW" apt-cache depends golang-go | sed -n 's/.*Depends: \(golang-[0-9.]*-go\)$/\1/p' | head -n 1)
  [ -n "$go_package" ] || return 1
  say "Go: borrowing $go_package for this build, about 10 s"
  fetch_package "$go_package" go.unpacked
  fetch_package "${go_package%-go}-src" go.unpacked
  GO=$(echo "$WORK"/go.unpacked/usr/lib/go-*/bin/go)
  at_least "$(go_version "$GO")" "$GO_LEAST"
}

bootstrap_go() { # with the system's old Go, which downloads a newer toolchain as a Go module
  is_debian_like || return 1
  have go || install_from_system golang-go
  find_go && return 0
  toolchain=golang.org/toolchain@v0.0.1-$GO_TOOLCHAIN.linux-$(go env GOARCH)
  say "Go $(go_version go) is too old: it downloads $GO_TOOLCHAIN for this build, 70 MB"
  logged go-toolchain stoppable go mod download "$toolchain" || return 1
  GO=$GOPATH/pkg/mod/$toolchain/bin/go
  chmod -R a+x "${GO%/go}" "${GO%/bin/go}/pkg/tool" # an old Go unpacks modules without execute permission
}
