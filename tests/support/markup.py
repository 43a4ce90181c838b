"""Texts that would run, lead away or mislead if a page took them for more than text. Those that run set `pwned`."""

# Elements and attributes of their own, where they are taken for markup.
MARKUP = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1><style>*{display:none}</style>",
    "\"><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "</textarea></pre></title><script>window.pwned=1</script>",
    "<details open ontoggle=window.pwned=1>",
    '<a href="jav&#x09;ascript:window.pwned=1">x</a>',
    "<button formaction=javascript:window.pwned=1 onfocus=window.pwned=1 autofocus>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    '<noscript><p title="</noscript><img src=x onerror=window.pwned=1>">',  # another tree when it is parsed again
    '<math><mtext><table><mglyph><style><img src=x onerror="window.pwned=1">',  # the same
)
# Where they are taken for an address.
ADDRESSES = (
    "javascript:window.pwned=1",
    " JaVaScRiPt:window.pwned=1//https://x.example/",
    "data:text/html,<script>window.pwned=1</script>",
    "//elsewhere.example/\\@x",
)
# Where they are put into markup, a rule, a template, a command, or an object.
TEXTS = (
    "' autofocus onfocus='window.pwned=1",
    "x;}*{background:url(//elsewhere.example/)}</style><!--",
    "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1} {count} %s",
    "&lt;script&gt; &#106;avascript: %3Cscript%3E",
    "=cmd|'/C calc'!A0 `window.pwned=1` $(id)",
    "\u202egpj.exe\u202c \u2066\u200b\ufeff\u2028\u2029",  # read backwards, not seen, ends a line
    "__proto__",
    "constructor",
    "hasOwnProperty",
)
HOSTILE = (*MARKUP, *ADDRESSES, *TEXTS)
