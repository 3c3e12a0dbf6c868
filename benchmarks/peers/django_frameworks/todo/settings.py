"""The settings of all three: no middleware, no admin, a pool of ten connections, and URLs by the variable FRAMEWORK."""

import os

import dj_database_url

SECRET_KEY = os.environ["SECRET_KEY"]
BETTER_AUTH_SECRET = os.environ["BETTER_AUTH_SECRET"]
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django_bolt", "todo"]
MIDDLEWARE = []
ROOT_URLCONF = f"todo.{os.environ['FRAMEWORK']}_api"
BOLT_API = ["todo.bolt_api:api"]
DATABASES = {
    "default": dj_database_url.config() | {"OPTIONS": {"pool": {"min_size": 10, "max_size": 10}}},
}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
