#!/bin/sh
# PostgreSQL, Redis, nginx and an LDAP directory for the tests marked "servers", where they are missing and we may install
# them (Debian, as root). Without them these tests are skipped.
set -e
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
[ -x /usr/sbin/slapd ] || command -v slapd >/dev/null 2>&1 || missing="$missing slapd"
[ -e /usr/include/ldap.h ] || missing="$missing libldap2-dev libsasl2-dev gcc"
if [ -z "$missing" ]; then
    :
elif command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing$missing for the tests …"
    mkdir -p /etc/postgresql-common && [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    # No service is started: each test starts servers of its own.
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && ours=1; }
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    [ -z "$ours" ] || rm -f /usr/sbin/policy-rc.d
else
    echo "Some tests need$missing; they are skipped." >&2
fi
# python-ldap has no binary package: it is compiled where its headers are.
if [ -e /usr/include/ldap.h ] && ! .venv/bin/python -c 'import django_auth_ldap' 2>/dev/null; then
    .venv/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt django-auth-ldap ||
        echo "The package django-auth-ldap cannot be installed; the tests of LDAP are skipped." >&2
fi
