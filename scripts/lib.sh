# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What scripts/demo and scripts/test share: packages and the build directory.
# To be sourced; `root` is the top of the clone.

# shellcheck disable=SC2154  # root: see above
build_dir=$root/build

say() { printf '== %s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The packages of the given kinds that packages.txt names and this machine does
# not have.
missing_packages() {
  local kind name wanted
  while read -r kind name; do
    for wanted in "$@"; do
      [ "$kind" = "$wanted" ] || continue
      is_installed "$name" || printf '%s\n' "$name"
    done
  done < "$root/scripts/packages.txt"
}

# Without packages to install, neither apt-get nor root is needed.
install_packages() {
  local missing as_root=()
  command -v dpkg-query > /dev/null ||
    die "not a Debian system; the packages are in scripts/packages.txt"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null ||
      die "neither root nor sudo; install: ${missing[*]}"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q)
  "${as_root[@]}" update &&
    "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"
}

# Makes the build directory, or brings an existing one up to date with the
# options given.
configure() {
  if [ -f "$build_dir/build.ninja" ]; then
    meson configure "$build_dir" "$@"
  else
    meson setup "$build_dir" "$root" "$@"
  fi
}
