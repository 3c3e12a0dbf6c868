"""The seed design: FastAPI, SQLModel, PyJWT and psycopg2, written as its documents write it.

Three departures. The endpoints are plain functions, which FastAPI runs in threads: with the documents' `async def` around
a synchronous session the event loop waits for a connection that only it can give back, once 16 requests come at a time.
Lists take a limit. Moments have a zone, because today's SQLModel refuses `utcnow`.
"""

from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from app.config import settings
from app.db import create_db_and_tables
from app.routes.tasks import router as tasks_router


@asynccontextmanager
async def lifespan(app: FastAPI):
    create_db_and_tables()
    yield


app = FastAPI(title="Todo API", description="Multi-user task management API", version="2.0.0", lifespan=lifespan)

app.add_middleware(
    CORSMiddleware,
    allow_origins=settings.CORS_ORIGINS.split(","),
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)

app.include_router(tasks_router)


@app.get("/health")
def health_check():
    return {"status": "healthy"}


@app.exception_handler(Exception)
async def global_exception_handler(request: Request, exc: Exception):
    return JSONResponse(
        status_code=500,
        content={"detail": "Internal server error", "error_code": "INTERNAL_ERROR", "status_code": 500},
    )
