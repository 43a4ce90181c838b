"""The examples of a document are found with what it says of them."""

from tests.support.examples import examples

DOCUMENT = """\
# Title

```sh
curl -i http://127.0.0.1:8080/one
```

The answer is `202 Accepted`; a second one is `409`.

```python
print("no shell")
```

```sh
scripts/run
```

```sh
curl http://127.0.0.1:8080/two \\
  -d 'x'    # 422
curl http://127.0.0.1:8080/three  # 404
```

```sh
curl -i http://127.0.0.1:8080/four
```

```http
HTTP/1.1 503 Service Unavailable
Retry-After: 5
```

```sh
curl http://127.0.0.1:8080/five
```

## Of something else: `500`
"""


def test_the_blocks_that_call_are_found_with_their_statuses() -> None:
    found = examples(DOCUMENT)
    assert [example.statuses for example in found] == [(202,), (422, 404), (503,), ()]
    assert [example.line for example in found] == [4, 18, 24, 33]
    assert "three" in found[1].script
