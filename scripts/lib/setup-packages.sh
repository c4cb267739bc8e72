# shellcheck shell=sh
# Installs packages of the system, and unpacks single packages of a Debian suite without installing them.

DEBIAN_SUITE=${SETUP_SUITE:-forky} # a code name, which stays valid when the suite becomes stable

# ---------------------------------------------------------------- which system

system_name() { os_release PRETTY_NAME; }

os_release() { # FIELD
  sed -n "s/^$1=//p" /etc/os-release 2>/dev/null | tr -d '"'
}

is_debian_like() {
  have apt-get && have dpkg-deb || return 1
  case " $(os_release ID) $(os_release ID_LIKE) " in
    *' debian '* | *' ubuntu '*) ;;
    *) return 1 ;;
  esac
}

# On other systems only natscli can be built, if Go is installed.
refuse_unknown_system() {
  is_debian_like && return 0
  if [ -z "$(missing_packages)" ] && have_nats_c && have_nats_server && find_go; then return 0; fi
  list_needs
  system=$(system_name)
  fail 69 "setup cannot install on this system (${system:-no /etc/os-release}): install what is missing, then run it again"
}

# ---------------------------------------------------------------- the system's packages

install_packages() {
  wanted=$(missing_packages | paste -sd ' ' -)
  [ -n "$wanted" ] || return 0
  install_from_system "$wanted"
  choose_tools
  still=$(missing_packages | paste -sd ' ' -)
  [ -z "$still" ] || fail 69 "installed, but not found (see scripts/setup --check; is the PATH right?): $still"
}

install_from_system() { # NAMES, as one argument
  can_be_root || fail 77 "not root, and sudo is not installed; an administrator must run: apt-get install $1"
  say "installing with apt-get, about 20 s: $1"
  ask_for_password "$1"
  logged system-index as_root apt-get -q update ||
    say "WARNING: apt-get update failed (see --keep); using the existing package lists"
  # shellcheck disable=SC2086 # names are meant to be split
  logged system-install apt_install $1 && return 0
  if grep -q 'dpkg --configure -a' "$LOG"; then # an earlier installation was interrupted
    say "finishing an interrupted installation first"
    logged system-install as_root dpkg --configure -a || :
    logged system-install as_root apt-get -qy --fix-broken install || :
  fi
  # shellcheck disable=SC2086
  logged system-install apt_install $1 ||
    fail 69 "apt-get failed; run setup again when this works: apt-get install $1"
}

apt_install() { # NAME...
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=120 \
    --no-install-recommends install "$@"
}

is_root() { [ "$(id -u)" = 0 ]; }
can_be_root() { is_root || have sudo; }
as_root() { if is_root; then "$@"; else sudo "$@"; fi; }

ask_for_password() { # NAMES: once, on the terminal, if sudo needs a password
  is_root || sudo -n true 2>/dev/null || sudo -v ||
    fail 77 "sudo refused; run setup as root, or let an administrator run: apt-get install $1"
}

# ---------------------------------------------------------------- views
# A view is a configuration of apt: "system" is that of this system, "suite" has only $DEBIAN_SUITE, with lists in .work,
# and leaves the sources of the system unchanged.

apt_in() { # VIEW TOOL ARG...
  view=$1 tool=$2
  shift 2
  "$tool" -c "$WORK/$view.conf" "$@"
}

candidate() { # VIEW PACKAGE: the version that apt would install, or nothing
  apt_in "$1" apt-cache policy "$2" 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9].*\)/\2/p'
}

# Sets VIEW to the first of system and suite that has a new enough PACKAGE.
choose_view() { # PACKAGE LEAST
  open_system_view
  VIEW=system
  at_least "$(candidate system "$1")" "$2" && return 0
  have_suite_source || return 1
  open_suite_view
  VIEW=suite
  at_least "$(candidate suite "$1")" "$2"
}

open_system_view() {
  [ ! -e system.conf ] || return 0
  : >system.conf
  [ -z "$(apt_in system apt-get indextargets 'Created-By: Packages')" ] || return 0
  say "reading the system's package index, which it does not have yet, a few seconds"
  write_view_conf system.conf system-lists
  logged system-index stoppable apt-get -c "$WORK/system.conf" -q update ||
    say "WARNING: the system's package index could not be read in full"
}

write_view_conf() { # FILE LISTS: keeps lists and downloads in .work
  mkdir -p "$2/partial" cache/archives/partial
  cat >"$1" <<END
Dir::State::lists "$WORK/$2";
Dir::Cache "$WORK/cache";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
END
}

have_suite_source() { [ -n "$(debian_mirror)" ] && [ -n "$(debian_keyring)" ]; }

debian_mirror() { # the one that the system's apt uses for Debian
  if [ -n "${SETUP_MIRROR:-}" ]; then
    echo "$SETUP_MIRROR"
  else
    # shellcheck disable=SC2016 # apt-get fills these in
    apt_in system apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
      awk '$1 == "Debian" && $2 == "Debian" && $3 == "main" && $4 !~ /^(cdrom|file|copy):/ { print $4; exit }'
  fi
}

debian_keyring() {
  for keyring in /usr/share/keyrings/debian-archive-keyring.pgp /usr/share/keyrings/debian-archive-keyring.gpg; do
    if [ -r "$keyring" ]; then
      echo "$keyring"
      break
    fi
  done
}

open_suite_view() {
  [ ! -e suite.conf ] || return 0
  say "reading the package index of Debian $DEBIAN_SUITE, a few seconds"
  write_view_conf suite.conf suite-lists
  : >suite-status
  cat >>suite.conf <<END
Dir::State::status "$WORK/suite-status";
Dir::Etc::sourcelist "$WORK/suite.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Default-Release "";
APT::Update::Error-Mode "any";
END
  echo "deb [signed-by=$(debian_keyring)] $(debian_mirror) $DEBIAN_SUITE main" >suite.list
  update_suite && return 0
  if grep -q 'is expired' "$LOG"; then
    say "WARNING: the mirror's index of $DEBIAN_SUITE has expired (Valid-Until); using it, since its signature is valid"
    update_suite -o Acquire::Check-Valid-Until=false && return 0
  fi
  fail 69 "Debian $DEBIAN_SUITE: its index could not be read; is there a network?" \
    "SETUP_MIRROR=ADDRESS sets another Debian mirror"
}

update_suite() { logged suite-index stoppable apt-get -c "$WORK/suite.conf" -q "$@" update; }

# ---------------------------------------------------------------- one package

fetch_package() { # NAME DIRECTORY: from the chosen view; verified by apt, unpacked, not installed
  logged "$1" stoppable apt-get -c "$WORK/$VIEW.conf" -q download "$1" ||
    fail 69 "$1: could not be downloaded; is there a network? Then run scripts/setup again"
  mkdir -p "$2"
  for deb in "$1"_*.deb; do
    logged "$1" stoppable dpkg-deb -x "$deb" "$2" || fail 69 "$1: could not be unpacked; is the disk full?"
    rm -f "$deb"
  done
}
