import pytest

from tests.hosting.conversation import echo, http, play
from vmapdemo.hosting.headers import Headers, Private


def _headers(**chosen: object) -> dict[str, str]:
    app = Headers(echo, frame_ancestors="https://a.example", **chosen)  # type: ignore[arg-type]
    return {name.decode(): value.decode() for name, value in play(app, http())[0]["headers"]}


def test_every_answer_has_them() -> None:
    found = _headers()
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "same-origin"
    assert "camera=()" in found["permissions-policy"]
    assert found["content-security-policy"].endswith("frame-ancestors https://a.example")


def test_no_script_runs_that_is_not_known() -> None:
    policy = _headers(inline_scripts=["alert(1)"])["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts == "script-src 'self' blob: 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/base/_stcore/metrics", "/_stcore/metrics/"])
def test_streamlits_own_metrics_are_not_for_visitors(path: str) -> None:
    assert play(Private(echo), http(path))[0]["status"] == 404
    assert play(Private(echo), http("/"))[0]["status"] == 200
