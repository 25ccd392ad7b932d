#!/bin/sh
# In place of an OCI runtime (runc, crun): starts process.sh of the bundle as the "container", without isolation.
while [ $# -gt 0 ]; do
  case $1 in
    --bundle) bundle=$2 ;;
    --pid-file) pidfile=$2 ;;
  esac
  shift
done
exec 3<&0 # the shell gives a process in the background /dev/null as stdin
sh "$bundle/process.sh" <&3 3<&- &
echo $! >"$pidfile"
