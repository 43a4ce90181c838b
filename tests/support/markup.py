"""Texts that would run if a page took them for markup, for a template or for an address. Each sets `window.pwned`."""

MARKUP = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1><style>*{display:none}</style>",
    "\"><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "' autofocus onfocus='window.pwned=1",
    "javascript:window.pwned=1",
    "</textarea></pre></title><script>window.pwned=1</script>",
    "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1} {count}",
    "data:text/html,<script>window.pwned=1</script>",
    "&lt;script&gt; &#106;avascript: %3Cscript%3E \u202egpj.exe\u202c",
)
