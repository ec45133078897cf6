#!/bin/sh
# Checkmk: a local check. Put it into the agent's folder local/1800, so that it
# runs every 30 minutes, and name the domains here.
exec /usr/local/bin/maildiag --format checkmk --timeout 45s contoso.com fabrikam.com
