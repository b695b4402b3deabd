#!/bin/sh
# Says which lines of a configuration did not survive `make olddefconfig`.
#
#   check-config.sh FINAL REQUESTED…
#
# REQUESTED are files of CONFIG_X=value and "# CONFIG_X is not set" lines; a later file (or line) overrides an earlier
# one. Each option has to stand in FINAL as it was requested last; "is not set" is also met by an option that is not
# there at all. Prints one line for every option that does not, and exits 1 if there is one, 2 if it was called wrongly.
set -eu
if [ $# -lt 2 ]; then
  echo "usage: check-config.sh FINAL REQUESTED..." >&2
  exit 2
fi
for file in "$@"; do
  if ! [ -r "$file" ]; then
    echo "check-config.sh: cannot read $file" >&2
    exit 2
  fi
done
exec awk '
  function trim(line) {
    sub(/\r$/, "", line)
    sub(/[ \t]+$/, "", line)
    return line
  }
  # Sets name and value of a line that states an option.
  function option(line) {
    if (match(line, /^CONFIG_[A-Za-z0-9_]+=/)) {
      name = substr(line, 1, RLENGTH - 1)
      value = substr(line, RLENGTH + 1)
      return 1
    }
    if (match(line, /^# CONFIG_[A-Za-z0-9_]+ is not set$/)) {
      split(line, word, " ")
      name = word[2]
      value = "n"
      return 1
    }
    return 0
  }
  FNR == 1 { files++ }
  {
    line = trim($0)
    if (!option(line)) {
      # A mistyped line is a comment to Kconfig: it would be lost without a word.
      if (files > 1 && (line ~ /CONFIG_[A-Za-z0-9_]+[ \t]*=/ || line ~ /CONFIG_.* is not set/ || (line != "" && line !~ /^#/))) {
        printf "%s:%d: this is no option: %s\n", FILENAME, FNR, line
        bad++
      }
      next
    }
    if (files == 1) {
      final[name] = value
      next
    }
    if (!(name in wanted)) order[++count] = name
    wanted[name] = value
    place[name] = FILENAME ":" FNR
  }
  END {
    for (i = 1; i <= count; i++) {
      name = order[i]
      got = (name in final) ? final[name] : "n"
      if (got != wanted[name]) {
        printf "%s: %s=%s was dropped, the kernel has %s\n", place[name], name, wanted[name], (name in final) ? got : "no such option, or one it depends on is off"
        bad++
      }
    }
    if (bad) {
      printf "%d of %d options did not survive\n", bad, count
      exit 1
    }
    printf "%d options survived\n", count
  }
' "$@"
