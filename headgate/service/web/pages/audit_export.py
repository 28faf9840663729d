"""The page by which an auditor takes entries of the log along: what `headgate audit export` writes, zipped."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from headgate.errors import FieldError, UnavailableError
from headgate.service.exporting import Wanted, export_into
from headgate.service.guard import caller_of, field_of
from headgate.service.parts import parts_of

_NOTHING = Wanted("", "", "")


def show(request: Request) -> Response:
    """Show the form."""
    return _form(request, _NOTHING)


def give(request: Request) -> Response:
    """Give out the export that a form asks for, or show the form again with what is wrong."""
    wanted = Wanted(*(field_of(request, name).strip() for name in Wanted._fields))
    publishing = parts_of(request).publishing
    log = None if publishing is None else publishing.folder
    folder = Path(tempfile.mkdtemp(prefix="headgate-export-"))
    gone = BackgroundTask(shutil.rmtree, folder)
    try:
        packed = export_into(folder, log, caller_of(request).name, wanted)
    except (FieldError, UnavailableError) as error:
        shutil.rmtree(folder)
        return _form(request, wanted, error.paragraph(), error.http_status)
    return FileResponse(packed, filename="export.zip", media_type="application/zip", background=gone)


def _form(request: Request, wanted: Wanted, fault: str = "", status: int = 200) -> Response:
    return parts_of(request).pages.show(request, "audit_export.html", status, wanted=wanted, fault=fault)


PAGES = (("GET", "/audit/export", show), ("POST", "/audit/export", give))
