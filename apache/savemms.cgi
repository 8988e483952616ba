#!/bin/sh
# The wrapper that Apache starts on shared hosting (see htaccess): it says which
# instance is meant and becomes the program. Put your own two paths here.
SAVEMMS_CONF=$HOME/savemms/savemms.conf
program=$HOME/libexec/savemms/savemms.fcgi

# Some hosts start programs without HOME: then write both paths in full.
export SAVEMMS_CONF
exec "$program"
