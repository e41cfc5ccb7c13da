"""The headers for the benchmarks can be recorded from each browser."""

from tests.benchmarks.recording import Recorder
from tests.browser.visitor import Visitor


def test_should_record_a_request_to_another_site(visitor: Visitor) -> None:
    with Recorder() as recorder:
        visitor.open(recorder.page)

        headers = recorder.headers()

    assert "Origin: https://example.com" in headers
    assert "Sec-Fetch-Site: cross-site" in headers
    assert not any(header.startswith("Host:") for header in headers)
