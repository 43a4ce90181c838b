// Что говорят справочники.
export default {
  "methods.url_by_task": "указывает задача",
  "methods.unsigned": "нет",
  "methods.secrets": {
    one: "{count} секрет",
    few: "{count} секрета",
    many: "{count} секретов",
    other: "{count} секрета",
  },
  "methods.of_service": "как у сервиса",
  "methods.builtin": "встроенный",
  "methods.foot": "Метод — именованный способ уведомить. Свои задаются в config.toml, [methods.ИМЯ].",
  "lifecycle.title": "Жизнь задачи",
  "lifecycle.label":
    "Жизнь задачи: в очереди, отправляется, затем доставлена, ожидает повтора или не доставлена; ожидающую можно " +
    "отменить; недоставленную, отменённую и доставленную можно повторить",
  "lifecycle.accepted": "принята",
  "lifecycle.success": "2xx",
  "lifecycle.no_success": "не 2xx",
  "lifecycle.due": "срок",
  "lifecycle.given_up": "попытки или срок вышли",
  "lifecycle.cancel": "отмена",
  "lifecycle.cancel_retrying": "отмена",
  "lifecycle.retry": "повтор оператором: тот же id, попытки даются заново",
  "parameters.search": "Имя, значение или назначение",
  "parameters.all": "Все {count}",
  "parameters.changed": "Изменены {count}",
  "parameters.sections": "Разделы параметров",
  "parameters.no_match": "Подходящих параметров нет",
  "parameters.hidden": "скрыто",
  "parameters.foot":
    "Читаются при запуске. Чтобы изменить, поправьте config.toml или окружение и перезапустите: очередь сохранится.",
  "methods.new_task": "Новая задача с ним",
  "parameters.copy_toml": "Скопировать как TOML",
};
