"""The login page, logging in and out, and the first page of each role."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headgate.errors import AuthError, TooManyError
from headgate.limits import SESSION_SECONDS
from headgate.service.guard import caller_of, field_of
from headgate.service.parts import parts_of
from headgate.service.roles import home_of


def front(request: Request) -> Response:
    """Go to the first page of the caller's role."""
    return RedirectResponse(home_of(caller_of(request).role), 303)


def login_form(request: Request) -> Response:
    """Show the login form."""
    if request.state.caller is not None:
        return RedirectResponse("/", 303)
    return _form(request, back=request.query_params.get("next", "/"))


def log_in(request: Request) -> Response:
    """Check name and password; set the session cookie and go on, or show the form again with what is wrong."""
    parts = parts_of(request)
    name, back = field_of(request, "name").strip(), field_of(request, "next")
    address = request.client.host if request.client else ""
    try:
        token = parts.auth.log_in(name, field_of(request, "password"), address)
    except (AuthError, TooManyError) as error:
        return _form(request, back=back, name=name, fault=error.paragraph(), status=error.http_status)
    answer = RedirectResponse(_local(back), 303)
    _set_cookie(answer, parts.cookies.session, token, parts.cookies.secure, SESSION_SECONDS)
    return answer


def log_out(request: Request) -> Response:
    """End the session."""
    parts = parts_of(request)
    parts.auth.log_out(caller_of(request).secret)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(parts.cookies.session, secure=parts.cookies.secure, httponly=True, samesite="strict")
    return answer


def _form(request: Request, *, back: str, name: str = "", fault: str = "", status: int = 200) -> Response:
    parts = parts_of(request)
    visit = request.cookies.get(parts.cookies.visit) or secrets.token_urlsafe(32)
    answer = parts.pages.show(
        request,
        "login.html",
        status,
        csrf=parts.csrf.token(visit),
        next=_local(back),
        name=name,
        fault=fault,
    )
    _set_cookie(answer, parts.cookies.visit, visit, parts.cookies.secure, None)
    return answer


def _local(back: str) -> str:
    """Only a path of this service is a place to come back to."""
    fine = back.startswith("/") and not back.startswith(("//", "/\\", "/login")) and back.isprintable()
    return back if fine else "/"


def _set_cookie(answer: Response, name: str, value: str, secure: bool, seconds: int | None) -> None:
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")


PAGES = (
    ("GET", "/", front),
    ("GET", "/login", login_form),
    ("POST", "/login", log_in),
    ("POST", "/logout", log_out),
)
