"""What the statuses are called and mean, for people, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from okydrom.task import Status


class Wording(msgspec.Struct, frozen=True):
    """A title, and a sentence on who moves the task on."""

    title: Mapping[str, str]
    description: Mapping[str, str]


def _wording(en: str, ru: str, about_en: str, about_ru: str) -> Wording:
    return Wording({"ru": ru, "en": en}, {"ru": about_ru, "en": about_en})


WORDINGS: Mapping[Status, Wording] = {
    Status.QUEUED: _wording(
        "Queued",
        "В очереди",
        "Accepted or granted anew; it is sent as soon as its turn comes.",
        "Принята или получила новый лимит попыток; уйдёт, как только подойдёт её очередь.",
    ),
    Status.SENDING: _wording(
        "Sending",
        "Отправляется",
        "An attempt is under way; its outcome decides.",
        "Идёт попытка; её результат решит, что дальше.",
    ),
    Status.RETRYING: _wording(
        "Retrying",
        "Ожидает повтора",
        "An attempt failed; the next one is made when it is due.",
        "Попытка не удалась; следующая будет в назначенное время.",
    ),
    Status.DELIVERED: _wording(
        "Delivered",
        "Доставлена",
        "The recipient answered 2xx.",
        "Получатель ответил 2xx.",
    ),
    Status.FAILED: _wording(
        "Failed",
        "Не доставлена",
        "Given up; the reason says why. An operator may retry it.",
        "Доставка прекращена; причина указана. Оператор может повторить.",
    ),
    Status.CANCELLED: _wording(
        "Cancelled",
        "Отменена",
        "Withdrawn by its source or an operator. An operator may retry it.",
        "Отозвана источником или оператором. Оператор может повторить.",
    ),
}
