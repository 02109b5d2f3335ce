#!/bin/sh
# cargo as InfluxDB's build calls it, less the feature `strict`: that one turns each warning that a newer
# compiler has learnt into an error.
unset CARGO
exec cargo "$@" -p flux --no-default-features --features cffi
