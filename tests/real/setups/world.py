"""What each set-up's container has: its environment, its command line, its files and users. The rest is stand-ins."""

from __future__ import annotations

from attrs import define, field


@define(frozen=True)
class World:
    """One container."""

    #: The environment, beside PATH.
    environ: dict[str, str] = field(factory=dict)
    #: The command line, for the child that takes it.
    command: tuple[str, ...] = ()
    #: Who is left out here.
    left_out: set[str] = field(factory=set)
    #: The exit code of a stop.
    code: int = 0
    #: Users, beside those that every Debian has.
    users: tuple[str, ...] = ()
    #: Directories, beside each ``cwd`` that the file names.
    folders: tuple[str, ...] = ()
    #: Of what is real elsewhere: stand-ins.
    unreal: frozenset[str] = frozenset()
    #: Where a real PostgreSQL finds its database.
    database: str = ""
    #: Files, by path; those that begin with ``#!`` can be executed.
    files: dict[str, str] = field(factory=dict)
    #: Programs that the file does not name, but those that it names start.
    further: tuple[str, ...] = ()


#: What is real: Debian's own, which .ci/run installs.
REAL = {"bash", "sh", "rm", "touch", "tail", "run-parts", "nginx", "haproxy", "Xvfb", "npm", "postgres", "pg_isready"}

#: Those that make no notes, so that only the log tells of them.
SILENT = {"start-xvfb.sh", "nginx", "postgres", "postmaster", "Xvfb", "npm", "tail", "haproxy_wrapper"}

NGINX = {
    "/etc/nginx/nginx.conf": """
worker_processes 1;
error_log stderr;
events {}
http { access_log off; server { listen 127.0.0.1:80; location / { return 200 "here\\n"; } } }
"""
}

HAPROXY = {
    "/usr/local/bin/haproxy_wrapper": """#!/bin/sh
mkdir -p /var/run/haproxy
exec haproxy "$@" -f /etc/haproxy/gateway.cfg
""",
    "/etc/haproxy/gateway.cfg": """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend health
    bind unix@/var/run/haproxy/health.sock
    http-request return status 200
""",
}

NODE = {
    "/app/package.json": """
{"scripts": {"start": "node server.js", "worker": "node worker.js", "migrate": "node migrate.js"}}
""",
    "/app/migrate.js": "process.exit(0)\n",
    "/app/server.js": """
const server = require("http").createServer((_, answer) => answer.end("here\\n")).listen(3000, "0.0.0.0")
process.on("SIGTERM", () => server.close())
""",
    "/app/worker.js": """
process.on("SIGTERM", () => process.exit(0))
setInterval(() => {}, 1000)
""",
}

WORLDS: dict[str, World] = {
    "appflowy-dinit": World(
        database="/var/lib/postgresql/16/main",
        files={"/etc/nginx/nginx.conf": NGINX["/etc/nginx/nginx.conf"]},
    ),
    "appsmith": World(
        environ={"APPSMITH_MONGODB_URI": "mongodb://localhost:27017/x", "APPSMITH_REDIS_URL": "redis://elsewhere"},
        left_out={"redis", "cron"},
        database="/appsmith-stacks/data/postgres/main",
        folders=("/appsmith-stacks/configuration",),
        further=("caddy", "java", "node"),
    ),
    "cron": World(users=("reports",)),
    "discourse": World(
        environ={"DISCOURSE_DB_SOCKET": "/var/run/postgresql", "MIGRATE_ON_BOOT": "1"},
        left_out={"create", "assets"},
        users=("discourse",),
        folders=("/etc/runit/1.d",),
        database="/etc/postgresql/13/main",
        files={
            "/usr/lib/postgresql/13/bin/postmaster": '#!/bin/sh\nexec /usr/lib/postgresql/15/bin/postgres "$@"\n',
            "/etc/nginx/nginx.conf": NGINX["/etc/nginx/nginx.conf"] + "daemon off;\n",
        },
        further=("unicorn",),
    ),
    "django-celery": World(
        environ={"DB_HOST": "db", "ROLE": "all", "HOSTNAME": "here"},
        unreal=frozenset({"pg_isready"}),  # the database is elsewhere
        users=("app",),
    ),
    "frappe-bench": World(users=("frappe",), folders=("/home/frappe/sites",), further=("work-horse",)),
    "grafana-otel-lgtm": World(
        further=("loki", "prometheus", "tempo", "pyroscope", "otelcol", "grafana"),
        code=143,  # a shell's
    ),
    "ha-mosquitto": World(files=NGINX),
    "haproxy-gateway": World(command=("gateway", "--now"), files=HAPROXY),
    "horust-sample": World(
        environ={"USER": "app", "DB_PASS": "secret"},
        users=("app",),
        folders=("/var/logs/hello",),
        unreal=frozenset({"postgres", "pg_isready"}),  # it refuses to be root
    ),
    "mssql-customize": World(),
    "mysql-router-rock": World(users=("mysql",), left_out={"router-tls"}),
    "npm": World(users=("node",), folders=("/home/node",), files=NODE),
    "osrd-dev": World(
        unreal=frozenset({"npm"}),  # what it starts is a stand-in
        environ={"OSRD_PATH": "/osrd"},
        folders=tuple(f"/osrd/{each}" for each in ("core", "gateway", "editoast", "front")),
        code=143,  # gradle's, a Java
        further=("java", "node", "gateway"),
    ),
    "paperless-ngx": World(
        environ={"PAPERLESS_SRC_DIR": "/src", "PAPERLESS_DBHOST": "db"},
        unreal=frozenset({"pg_isready"}),  # the database is elsewhere
        left_out={"flower", "custom"},
        users=("paperless",),
        folders=("/src",),
    ),
    "pi-hole": World(
        users=("pihole",),
        folders=("/var/log/pihole",),
        files={
            "/var/log/pihole/FTL.log": "",
            "/usr/local/bin/capsh": '#!/bin/bash\n# a stand-in, without capabilities\nexec bash "${@:4}"\n',
            "/opt/pihole/pihole-FTL-poststop.sh": "touch /run/notes/end\n",
        },
        further=("pihole-FTL",),
    ),
    "pretix": World(environ={"PRETIX_MODE": "all"}, users=("pretixuser",), files=NGINX),
    "reload-on-change": World(files=NGINX),
    "selenium-node": World(
        environ={"SE_START_XVFB": "true", "SE_START_VNC": "true", "SE_ENABLE_BROWSER_LEFTOVERS_CLEANUP": "1"},
        left_out={"novnc", "uploader", "video"},
        code=143,  # a Java's
        further=("Xvfb", "x11vnc", "java"),
    ),
    "sidecar-shipper": World(command=("backend", "--serve")),
    "spilo": World(
        environ={"PGDATA": "/home/postgres/data", "PGHOME": "/home/postgres", "DEMO": "true"},
        code=137,  # patroni's last life was killed, and its next one would begin 30 s later
    ),
    "vnc-desktop": World(
        users=("ubuntu",),
        files={
            **NGINX,
            "/usr/local/lib/web/novnc/utils/launch.sh": 'exec novnc "$@"\n',
            "/usr/local/lib/web/backend/run.py": "#!/bin/sh\nexec web\n",
        },
        further=("novnc", "web"),
    ),
    "web-php-db-task": World(users=("mysql",), files=NGINX, folders=("/run", "/run/mysqld")),
    "xvfb-desktop": World(users=("browser",), environ={"VNC": "1"}),
}
