import os
from dataclasses import dataclass


@dataclass
class Settings:
    DATABASE_URL: str = os.environ.get("DATABASE_URL", "")
    BETTER_AUTH_SECRET: str = os.environ.get("BETTER_AUTH_SECRET", "")
    CORS_ORIGINS: str = os.environ.get("CORS_ORIGINS", "http://localhost:3000")


settings = Settings()
