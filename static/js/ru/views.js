// Русский: меню видов. Ключи те же, что в en/views.js; тест их сравнивает.
export default {
  "views.failed_today": "Не доставлены сегодня",
  "views.held": "Удержаны",
  "views.oldest_due": "Старейшая просрочка",
  "views.save_title": "Сохранить фильтр как вид",
  "views.name": "Название",
  "views.keep": "Сохранить",
  "views.remove": "Удалить вид «{name}»",
};
