"""What Windows and macOS want to be told of a program."""

import sys
from typing import Any

INFO_PLIST = {
    "CFBundleDocumentTypes": [
        {
            "CFBundleTypeName": "Keras model",
            "CFBundleTypeExtensions": ["keras"],
            "CFBundleTypeRole": "Viewer",
        }
    ],
    "NSHighResolutionCapable": True,
}
"""macOS: which files the program opens."""

_ENGLISH, _UNICODE = 0x0409, 1200


def version_resource(version: str, title: str) -> Any:
    """Windows: what an executable's properties show; None elsewhere. ``version`` is such as 0.1.0."""
    if sys.platform != "win32":
        return None
    from PyInstaller.utils.win32 import versioninfo as info  # imports a library that only Windows gets

    numbers = (*map(int, version.split(".")), 0, 0, 0)[:4]
    strings = {"FileDescription": title, "ProductName": title, "FileVersion": version}
    strings |= {"ProductVersion": version, "LegalCopyright": "Apache License 2.0"}
    listed = [info.StringStruct(*pair) for pair in strings.items()]
    table = info.StringTable(f"{_ENGLISH:04x}{_UNICODE:04x}", listed)
    translation = info.VarStruct("Translation", [_ENGLISH, _UNICODE])
    return info.VSVersionInfo(
        ffi=info.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[info.StringFileInfo([table]), info.VarFileInfo([translation])],
    )
