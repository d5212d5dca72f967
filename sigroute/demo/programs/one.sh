# starts the server without exec, as many a start script does
python3 server.py
