#!/bin/sh
# The wrapper that Apache starts on shared hosting (see htaccess). It names the
# instance and becomes the program. Put your own two paths here.
SAVEMMS_CONF=$HOME/savemms/savemms.conf
program=$HOME/libexec/savemms/savemms.fcgi

# Some hosts start programs without HOME. Write both paths in full there.
export SAVEMMS_CONF
exec "$program"
