"""What a request asks for, in the words of the store."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime

from assay_server.http.calls import Call
from assay_server.http.errors import Refusal
from assay_server.windowing.spans import DEFAULT, InvalidWindow, Window, resolve_window
from assay_server.windowing.store import Question


def question_of(call: Call, as_of: datetime | None = None) -> Question:
    """The question of a request; raises Refusal for a window that is none."""
    values = call.values
    question = Question(call.path["pubkey"], values["interval"], values["startTs"], values["endTs"], as_of)
    with refusing(call):
        window_of(question, 0.0)
    if question.interval is None and question.start is None:
        return Question(question.target, DEFAULT, as_of=as_of)
    return question


def window_of(question: Question, computed_at: float) -> Window:
    """The window of a question, `all` as if the target had no event; raises `InvalidWindow`."""
    return resolve_window(question.interval, question.start, question.end, computed_at=computed_at)


@contextmanager
def refusing(call: Call) -> Generator[None]:
    """Refuse what is no window with the code that the contract has for it."""
    try:
        yield
    except InvalidWindow as error:
        code = str(call.endpoint.operation.annotations["x-window"]["invalid"])
        raise Refusal(code, error.reason, field=error.field) from None
