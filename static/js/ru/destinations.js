// Русский: слова списка направлений. Ключи те же, что в en/destinations.js; тест их сравнивает.
export default {
  "destinations.states": "Состояния",
  "destinations.search": "Узел или его часть",
  "destinations.order": "Сначала с неполадками, затем где больше ждут.",
  "destinations.no_match": "Подходящих направлений нет",
  "destinations.none_yet": "Направлений пока нет",
  "destinations.none_yet_text": "Направление появляется с первой задачей.",
  "destinations.foot": {
    one: "{count} направление.",
    few: "{count} направления.",
    many: "{count} направлений.",
    other: "{count} направления.",
  },
  "destinations.foot_first": {
    one: "Показано первое {count}.",
    few: "Показаны первые {count}.",
    many: "Показаны первые {count}.",
    other: "Показаны первые {count}.",
  },
  "destinations.nothing_lost": "Удержанное или стоящее на паузе ничего не теряет: задачи ждут, попытки не тратятся.",
};
