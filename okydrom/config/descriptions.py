"""What each setting is for, in both languages: the lines of config.toml, docs/settings.md and GET /parameters."""

from __future__ import annotations

from collections.abc import Mapping

# name: (English, Russian); one sentence each, as it stands above the setting in config.toml.
DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "server.host": (
        'Address the service listens on; beyond loopback only with access tokens, or with auth.mode = "none".',
        'Адрес, на котором слушает сервис; за пределами loopback — только с токенами или при auth.mode = "none".',
    ),
    "server.port": (
        "TCP port of the API and of the page; 0 takes any free one and writes it to server.json.",
        "TCP-порт API и страницы; 0 — любой свободный, он записывается в server.json.",
    ),
    "server.hosts": (
        "Further names accepted in the Host header, so that foreign web pages can't reach the service.",
        "Дополнительные имена, допустимые в заголовке Host: чужие веб-страницы не обратятся к сервису.",
    ),
    "server.url_prefix": (
        "Path before all others, for a reverse proxy that serves more than Okydrom.",
        "Путь перед всеми остальными — для обратного прокси, который обслуживает не только Okydrom.",
    ),
    "server.shutdown_grace": (
        "How long attempts under way may finish after a stop signal.",
        "Сколько времени начатые попытки могут завершаться после сигнала остановки.",
    ),
    "server.header_timeout": (
        "Within this time of its first byte a request's head must have arrived, else the connection is closed.",
        "За это время от первого байта должны прийти заголовки запроса, иначе соединение закрывается.",
    ),
    "server.body_timeout": (
        "Within this time a request's body must have arrived.",
        "За это время должно прийти тело запроса.",
    ),
    "server.keepalive_timeout": (
        "Idle connections of clients stay open this long; it should outlast the balancer's own time.",
        "Столько остаются открытыми простаивающие соединения клиентов; дольше, чем у балансировщика.",
    ),
    "storage.path": (
        "Directory of the journal and the store, relative to this file.",
        "Каталог журнала и хранилища, относительно этого файла.",
    ),
    "storage.chunk_size": (
        "Size of the journal's files.",
        "Размер файлов журнала.",
    ),
    "storage.journal_keep": (
        "Imported files of the journal stay this long, so that a lost store can be rebuilt from them.",
        "Столько хранятся перенесённые файлы журнала, чтобы из них восстановить потерянное хранилище.",
    ),
    "storage.journal_keep_size": (
        "And within this size all together; the oldest go first.",
        "И в пределах этого размера вместе; первыми удаляются самые старые.",
    ),
    "storage.min_free": (
        "With less free disk space than this new tasks are refused, so that outcomes can still be written; 0: off.",
        "Если свободного места меньше, новые задачи не принимаются, чтобы записать результаты; 0 — выключено.",
    ),
    "storage.max_backlog": (
        "Accepted bytes that wait for the store; beyond it new tasks are refused for a moment.",
        "Принятые байты, ожидающие записи в хранилище; сверх этого новые задачи временно не принимаются.",
    ),
    "storage.flush": (
        "How long accepted tasks and outcomes are gathered before the store writes them at once.",
        "Сколько собираются принятые задачи и результаты, прежде чем хранилище запишет их разом.",
    ),
    "delivery.senders": (
        "Attempts that may be under way at once; fitted to the limit of open files (senders).",
        "Сколько попыток может идти одновременно; подгоняется под лимит открытых файлов.",
    ),
    "delivery.timeout": (
        "One whole attempt, from looking up the name to the recipient's answer; methods and tasks may set their own.",
        "Вся попытка, от поиска имени до ответа получателя; методы и задачи могут задать своё время.",
    ),
    "delivery.connect_timeout": (
        "Of that time, at most this much for the name, the connection and TLS.",
        "Из этого времени — не больше на имя, соединение и TLS.",
    ),
    "delivery.max_answer": (
        "How much of an answer's body is read and kept.",
        "Сколько байт тела ответа читается и хранится.",
    ),
    "delivery.max_hold": (
        "How long a recipient's Retry-After may hold its whole destination before it is tried again.",
        "Как долго Retry-After получателя может удерживать всё направление до новой пробы.",
    ),
    "delivery.lane_bytes": (
        "Memory for tasks that wait to be sent, all destinations together; the rest waits on disk.",
        "Память под ожидающие отправки задачи всех направлений; остальные ждут на диске.",
    ),
    "delivery.idle_timeout": (
        "An unused connection to a recipient is closed after this time.",
        "Неиспользуемое соединение с получателем закрывается через это время.",
    ),
    "delivery.connection_age": (
        "Any connection to a recipient is closed at this age, so that a change of its address is followed.",
        "Любое соединение с получателем закрывается в этом возрасте, чтобы заметить смену его адреса.",
    ),
    "retry.schedule": (
        "Waits after the first, second… failure; the last repeats. A task has one attempt more than waits.",
        "Ожидания после первой, второй… неудачи; последнее повторяется. Попыток на одну больше, чем ожиданий.",
    ),
    "retry.first": (
        "Instead of a schedule: the first wait; each further one is longer by the factor.",
        "Вместо расписания: первое ожидание; каждое следующее длиннее в заданное число раз.",
    ),
    "retry.factor": (
        "By how much each wait is longer than the one before.",
        "Во сколько раз каждое ожидание длиннее предыдущего.",
    ),
    "retry.max": (
        "The longest of these waits.",
        "Самое длинное из этих ожиданий.",
    ),
    "retry.jitter": (
        "A wait is lengthened by a random share up to this, so that failed tasks don't return all at once.",
        "Ожидание удлиняется на случайную долю до этой, чтобы неудачные задачи не возвращались разом.",
    ),
    "retry.max_age": (
        "A task is given up this long after its acceptance or its deliver_at; 0: never.",
        "Через столько после приёма или deliver_at попытки прекращаются; 0 — никогда.",
    ),
    "recipients.networks": (
        "any: private networks may be reached too; public: only public addresses.",
        "any — разрешены и частные сети; public — только публичные адреса.",
    ),
    "recipients.allow": (
        "Networks that are allowed in spite of that.",
        "Сети, разрешённые вопреки этому.",
    ),
    "recipients.deny": (
        "Networks that are never reached.",
        "Сети, к которым обращаться нельзя.",
    ),
    "recipients.concurrency": (
        "Attempts in flight to one destination at once (attempts).",
        "Сколько попыток к одному направлению идёт одновременно.",
    ),
    "recipients.max_waiting": (
        "Tasks that may wait for one destination, counted every second; beyond it new ones get 429; 0: off (tasks).",
        "Сколько задач может ждать на одном направлении; сверх того новые получают 429; 0 — без предела.",
    ),
    "limits.body": (
        "Largest body of a task.",
        "Наибольшее тело задачи.",
    ),
    "limits.batch": (
        "Largest request with several tasks.",
        "Наибольший запрос с несколькими задачами.",
    ),
    "limits.headers": (
        "Most request headers of a task (headers).",
        "Наибольшее число заголовков запроса у задачи.",
    ),
    "limits.header_size": (
        "Largest name and value of one header.",
        "Наибольший размер имени и значения одного заголовка.",
    ),
    "limits.url": (
        "Longest URL of a task.",
        "Наибольшая длина URL задачи.",
    ),
    "limits.source_rate": (
        "Tasks a second that one source may hand in; beyond it creates get 429; 0: any number.",
        "Сколько задач в секунду может передать один источник; сверх того 429; 0 — без предела.",
    ),
    "limits.source_burst": (
        "Tasks that a source may hand in at once, before its rate counts (tasks).",
        "Сколько задач источник может передать сразу, прежде чем действует скорость.",
    ),
    "limits.depth": (
        "Deepest nesting of a task's JSON (levels).",
        "Наибольшая вложенность JSON задачи.",
    ),
    "retention.delivered": (
        "Delivered tasks are kept this long; 0: for ever.",
        "Столько хранятся доставленные задачи; 0 — всегда.",
    ),
    "retention.failed": (
        "Failed tasks are kept this long; 0: for ever.",
        "Столько хранятся недоставленные задачи; 0 — всегда.",
    ),
    "retention.cancelled": (
        "Cancelled tasks are kept this long; 0: for ever.",
        "Столько хранятся отменённые задачи; 0 — всегда.",
    ),
    "retention.attempts": (
        "What single attempts brought is kept this long, while their task goes on counting them; 0: as long as it.",
        "Столько хранятся подробности попыток, а задача помнит их число; 0 — столько же, сколько задача.",
    ),
    "retention.audit": (
        "What operators changed, and bulk operations that have ended, are listed this long; 0: for ever.",
        "Столько времени видно, что изменили операторы, и завершённые массовые операции; 0: всегда.",
    ),
    "retention.max_size": (
        "Size of the store; beyond it delivered tasks go early, oldest first, waiting ones never; 0: off.",
        "Размер хранилища; сверх него доставленные задачи удаляются раньше, ожидающие — никогда; 0 — выключено.",
    ),
    "auth.mode": (
        "auto: access tokens are asked for if there are any; tokens: always; none: never, also beyond loopback.",
        "auto — токены доступа нужны, если они есть; tokens — всегда; none — никогда, даже за пределами loopback.",
    ),
    "auth.tokens": (
        "Access tokens: name, role (source, viewer, operator), SHA-256; `okydrom.py token` makes them.",
        "Токены доступа: имя, роль (source, viewer, operator), SHA-256; их создаёт `okydrom.py token`.",
    ),
    "auth.tokens_file": (
        "Further tokens in a file of their own, one a line: name, role, SHA-256; relative to this file.",
        "Ещё токены в отдельном файле, по одному в строке: имя, роль, SHA-256; путь — от этого файла.",
    ),
    "log.level": (
        "Least level that is logged: debug, info, warning or error.",
        "Наименьший уровень записей: debug, info, warning или error.",
    ),
    "log.format": (
        "auto: lines for people on a terminal, else JSON; or json, or text.",
        "auto — строки для людей в терминале, иначе JSON; либо json, либо text.",
    ),
    "ui.lang": (
        "Language of the page: auto (the browser's), ru or en.",
        "Язык страницы: auto (как в браузере), ru или en.",
    ),
}
