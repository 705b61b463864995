# SPDX-License-Identifier: GPL-3.0-or-later
"""Mass storage: which image the gadget's drive holds, uploads, removals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import PurePosixPath
from typing import Any

from aiohttp import web

from .answers import ApiError, ValidatorError, answer, flag
from .lun import Lun
from .storage import Storage

#: kvmd's list of images follows the folder this much later.
LIST_DELAY_SECONDS = 0.5
CHUNK_BYTES = 1 << 20


class MsdIsBusyError(ApiError):
    status, message = 409, "Performing another MSD operation, please try again later"


class MsdOfflineError(ApiError):
    message = "MSD is not found"


class MsdConnectedError(ApiError):
    message = "MSD is connected to Server, but shouldn't for this operation"


class MsdDisconnectedError(ApiError):
    message = "MSD is disconnected from Server, but should be for this operation"


class MsdImageNotSelected(ApiError):
    message = "The image is not selected"


class MsdUnknownImageError(ApiError):
    message = "The image is not found in the storage"


class MsdImageExistsError(ApiError):
    message = "This image is already exists"


class MsdRemoteDisabledError(ApiError):
    message = "Remote images are disabled"


class Msd:
    """The virtual drive: chosen image and kind, put into the real LUN when connected."""

    def __init__(
        self, changed: Callable[[], None], lun: Lun | None = None, storage: Storage | None = None
    ) -> None:
        self._changed = changed
        self._lun, self._storage = lun or Lun(), storage or Storage()
        self._image, self._cdrom, self._rw = "", True, False
        self._busy = False
        self._unlisted: set[str] = set()
        self._uploading: dict[str, Any] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/msd", self.get),
            web.post("/msd/set_params", self.set_params),
            web.post("/msd/set_connected", self.set_connected),
            web.post("/msd/write", self.write),
            web.post("/msd/remove", self.remove),
            web.post("/msd/reset", self.reset),
        ]

    def _listed(self) -> dict[str, dict[str, Any]]:
        return {name: it for name, it in self._storage.images().items() if name not in self._unlisted}

    def state(self) -> dict[str, Any]:
        online = self._lun.online
        result: dict[str, Any] = {"enabled": True, "online": online, "busy": self._busy}
        if not online:
            return result | {"storage": None, "drive": None}
        inserted, images = self._lun.image(), self._listed()
        name = self._image
        if inserted and inserted.is_relative_to(self._storage.folder):
            name = str(inserted.relative_to(self._storage.folder))
        image = {"name": name, "in_storage": name in images, **images.get(name, {})} if name else None
        cdrom = self._lun.flag("cdrom") if inserted else self._cdrom
        rw = not self._lun.flag("ro") if inserted else self._rw
        parts = {"": self._storage.part()}
        storage = {"images": images, "parts": parts, "downloading": None, "uploading": self._uploading}
        drive = {"image": image, "connected": inserted is not None, "cdrom": cdrom, "rw": rw}
        return result | {"storage": storage, "drive": drive}

    def _check(self, connected: bool | None = None) -> None:
        if self._busy:
            raise MsdIsBusyError
        if not self._lun.online:
            raise MsdOfflineError
        if connected is not None and (self._lun.image() is not None) != connected:
            raise MsdDisconnectedError if connected else MsdConnectedError

    @staticmethod
    def _name(request: web.Request) -> str:
        path = PurePosixPath(request.query.get("prefix", "").strip("/")) / request.query.get("image", "")
        unsafe = path.is_absolute() or any(part.startswith(".") for part in path.parts)
        if not request.query.get("image") or unsafe:
            raise ValidatorError(f"The argument {str(path)!r} is not a valid MSD image name")
        return str(path)

    async def get(self, request: web.Request) -> web.Response:
        return answer(self.state())

    async def set_params(self, request: web.Request) -> web.Response:
        self._check(connected=False)
        name = request.query.get("image")
        if name and name.startswith(("http://", "https://")):
            raise MsdRemoteDisabledError
        if name and name not in self._listed():
            raise MsdUnknownImageError
        cdrom, rw = flag(request, "cdrom", self._cdrom), flag(request, "rw", self._rw)
        if name is not None:
            self._image = name
        if "rw" in request.query and rw:
            cdrom = False
        self._cdrom = cdrom
        self._rw = rw and not cdrom and not self._image.lower().endswith(".iso")
        self._changed()
        return answer()

    async def set_connected(self, request: web.Request) -> web.Response:
        connected = flag(request, "connected")
        self._check(connected=not connected)
        if not connected:
            self._lun.eject()
        elif not self._image:
            raise MsdImageNotSelected
        elif self._image not in self._listed():
            raise MsdUnknownImageError
        else:
            self._lun.insert(self._storage.folder / self._image, self._cdrom, self._rw)
        self._changed()
        return answer()

    async def write(self, request: web.Request) -> web.Response:
        name, size = self._name(request), request.content_length
        if size is None:
            raise ValidatorError("The argument None is not a valid Content-Length")
        forget = flag(request, "remove_incomplete", False)
        self._check(connected=False)
        if name in self._storage.images():
            raise MsdImageExistsError
        self._busy, self._uploading = True, {"name": name, "size": size, "written": 0}
        self._unlisted.add(name)
        self._changed()
        try:
            written = await self._storage.write(name, size, self._chunks(request, self._uploading), forget)
        finally:
            self._busy, self._uploading = False, None
            asyncio.get_running_loop().call_later(LIST_DELAY_SECONDS, self._list, name)
        return answer({"image": {"name": name, "size": size, "written": written}})

    def _list(self, name: str) -> None:
        self._unlisted.discard(name)
        self._changed()

    @staticmethod
    async def _chunks(request: web.Request, progress: dict[str, Any]) -> AsyncIterator[bytes]:
        async for chunk in request.content.iter_chunked(CHUNK_BYTES):
            progress["written"] += len(chunk)
            yield chunk

    async def remove(self, request: web.Request) -> web.Response:
        self._check(connected=False)
        name = self._name(request)
        if name not in self._listed():
            raise MsdUnknownImageError
        await self._storage.remove(name)
        if self._image == name:
            self._image = ""
        self._changed()
        return answer()

    async def reset(self, request: web.Request) -> web.Response:
        self._check()
        if self._lun.image():
            self._lun.eject()
        self._image, self._cdrom, self._rw = "", True, False
        self._changed()
        return answer()
