"""How the WSGI application is served: by granian (`manage.py serve`) or by gunicorn (gunicorn.conf.py)."""
