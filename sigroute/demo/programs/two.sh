# starts both, passes TERM on as each wants it, waits for both
python3 database.py & database=$!
python3 server.py with-database & server=$!
trap 'kill -QUIT $server; kill -TERM $database' TERM
wait; wait
