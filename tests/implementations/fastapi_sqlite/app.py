"""Tasks in SQLite behind FastAPI, with an API key; its document is what FastAPI makes of it."""

from __future__ import annotations

import sqlite3
from typing import Annotated

from fastapi import Body, Depends, FastAPI, HTTPException, Path, Query, Response
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, ConfigDict, Field

KEY = "a-key-for-tests"
LARGEST = 2**53 - 1
store = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
store.execute("create table task (id integer primary key, title text not null, done integer not null, weight real)")
key = APIKeyHeader(name="X-Key", auto_error=False)


def allowed(given: Annotated[str | None, Depends(key)]) -> None:
    """Let nobody in without the key."""
    if given != KEY:
        raise HTTPException(401)


NOBODY = {401: {"description": "No key."}}
NOTHING = {404: {"description": "There is no such task."}}
app = FastAPI(title="Tasks", version="1.0.0", dependencies=[Depends(allowed)], responses=NOBODY)  # type: ignore[arg-type]
Number = Annotated[int, Path(ge=1, le=LARGEST)]


class NewTask(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(strict=True, extra="forbid")
    title: str = Field(min_length=1, max_length=80)
    done: bool = False
    weight: float | None = Field(default=None, ge=0, le=1000)


class Task(NewTask):
    """What is kept."""

    id: int


def _task(row: tuple[int, str, int, float | None]) -> Task:
    return Task(id=row[0], title=row[1], done=bool(row[2]), weight=row[3])


@app.post("/tasks", status_code=201)
def add(task: NewTask) -> Task:
    """Add a task."""
    done = store.execute("insert into task (title, done, weight) values (?, ?, ?)", (task.title, task.done, task.weight))
    return Task(id=done.lastrowid or 0, **task.model_dump())


@app.get("/tasks")
def every(done: bool | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Task]:
    """The tasks, the newest first."""
    rows = store.execute("select * from task where ? is null or done = ? order by id desc limit ?", (done, done, limit))
    return [_task(row) for row in rows]


@app.get("/tasks/{id}", responses=NOTHING)  # type: ignore[arg-type]
def one(id: Number) -> Task:
    """One task."""
    row = store.execute("select * from task where id = ?", (id,)).fetchone()
    if row is None:
        raise HTTPException(404)
    return _task(row)


@app.patch("/tasks/{id}", responses=NOTHING)  # type: ignore[arg-type]
def finish(id: Number, done: Annotated[bool, Body(embed=True, strict=True)]) -> Task:
    """Say whether a task is done."""
    store.execute("update task set done = ? where id = ?", (done, id))
    return one(id)


@app.delete("/tasks/{id}", status_code=204, response_class=Response, responses=NOTHING)  # type: ignore[arg-type]
def remove(id: Number) -> None:
    """Delete a task."""
    if store.execute("delete from task where id = ?", (id,)).rowcount == 0:
        raise HTTPException(404)
